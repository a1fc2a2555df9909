// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.crdt.Life;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;

/**
 * Drops hidden lives that nobody can revive any more. Confined to one connection.
 *
 * <p>A hidden life may go once everything that ever touched it is within a vector beyond which nobody edits without having
 * seen it. Which change sets touched a life is not remembered, only that they were here when a <em>mark</em> was set after:
 * {@code _ab_dead} names the rows with a hidden life and the mark that will come, {@code _ab_mark} the version vector of each
 * mark that came. One vector a mark instead of one a life; a life may stay a little longer than it must.
 */
public final class Purger {
    private final SqlDatabase db;
    private final Catalog catalog;
    private final RowStore rows;

    public Purger(SqlDatabase db, Catalog catalog, RowStore rows) {
        this.db = db;
        this.catalog = catalog;
        this.rows = rows;
    }

    /** Notes that a row holds a hidden life, which something has just touched. */
    static void noteDead(SqlDatabase db, EnrolledTable table, Key key) {
        db.prepare("INSERT OR REPLACE INTO _ab_dead(tbl, k, mark)"
                        + " VALUES (?, ?, (SELECT ifnull(max(mark), 0) + 1 FROM _ab_mark))")
                .bind(1, table.id())
                .bind(2, key.bytes())
                .run();
    }

    /** Sets a mark: whatever touched the hidden lives noted so far is within {@code now}. */
    public void mark(VersionVector now) {
        boolean any = db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_dead WHERE mark >"
                        + " (SELECT ifnull(max(mark), 0) FROM _ab_mark))")
                == 1;
        if (any) {
            ByteWriter bytes = new ByteWriter(256);
            Codecs.versionVector().write(now, bytes);
            db.prepare("INSERT INTO _ab_mark(mark, vector) SELECT ifnull(max(mark), 0) + 1, ? FROM _ab_mark")
                    .bind(1, bytes.toByteArray())
                    .run();
        }
    }

    /** Drops the hidden lives of all marks within {@code covered}. Returns how many went. Costs O(rows that hold one). */
    public long purge(VersionVector covered) {
        long purged = 0;
        for (long mark : marksWithin(covered)) {
            for (RowName row : deadRows(mark)) {
                purged += purge(catalog.get(row.table()), row.key());
            }
            // The latest mark stays: its number tells what was noted after it.
            db.prepare("DELETE FROM _ab_dead WHERE mark = ?").bind(1, mark).run();
            db.prepare("DELETE FROM _ab_mark WHERE mark = ? AND mark < (SELECT max(mark) FROM _ab_mark)")
                    .bind(1, mark)
                    .run();
        }
        return purged;
    }

    /** Returns what somebody must have seen so that all that is hidden now may go. */
    public VersionVector needed() {
        VersionVector needed = VersionVector.EMPTY;
        SqlStatement query = db.prepare("SELECT vector FROM _ab_mark WHERE mark IN (SELECT mark FROM _ab_dead)");
        while (query.step()) {
            byte[] vector = query.getBlob(0);
            if (vector != null) {
                needed = needed.union(Codecs.versionVector().read(new ByteReader(vector)));
            }
        }
        return needed;
    }

    private List<Long> marksWithin(VersionVector covered) {
        List<Long> marks = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT mark, vector FROM _ab_mark ORDER BY mark");
        while (query.step()) {
            byte[] vector = query.getBlob(1);
            if (vector != null && covered.dominates(Codecs.versionVector().read(new ByteReader(vector)))) {
                marks.add(query.getLong(0));
            }
        }
        return marks;
    }

    private List<RowName> deadRows(long mark) {
        List<RowName> found = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT tbl, k FROM _ab_dead WHERE mark = ? ORDER BY tbl, k")
                .bind(1, mark);
        while (query.step()) {
            byte[] key = query.getBlob(1);
            if (key != null) {
                found.add(new RowName(query.getLong(0), Key.of(key)));
            }
        }
        return found;
    }

    private record RowName(long table, Key key) {}

    private long purge(EnrolledTable table, Key key) {
        RowStore.Row row = rows.loadWithImage(table, key, false);
        List<Life<String, Value>> alive = new ArrayList<>(row.lives().lives());
        int before = alive.size();
        alive.removeIf(life -> !life.isAlive());
        if (alive.size() < before) {
            rows.save(table, key, RowLives.of(alive), row.image());
        }
        return before - alive.size();
    }
}
