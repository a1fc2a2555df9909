// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.HeadsCodec;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotReader;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots in a file: the one <em>kept</em>, which covers what was cut from the log, those being written, and those
 * being received. The bytes of one never change once it is whole. Confined to one connection.
 *
 * <p>The kept one also holds the values that the log no longer does: of rows that the application deleted since, say.
 */
public final class Snapshots {
    private static final int PARTIAL = 0;
    private static final int KEPT = 1;
    private static final int ASIDE = 2;

    private final SqlDatabase db;
    /** The rows of the chunk that was last looked into, since rows are asked for in order. */
    private @Nullable List<Snapshot.Row> lookedInto;

    private long lookedIntoAt = -1;
    private long lookedIntoSnapshot = -1;

    public Snapshots(SqlDatabase db) {
        this.db = db;
    }

    /** A snapshot that is whole. */
    public record Kept(long number, Snapshot.Id id, Heads heads) {}

    /** Returns the one that covers what was cut from the log; null if nothing was cut. */
    public @Nullable Kept kept() {
        SqlStatement query = db.prepare("SELECT id, hash, size, heads FROM _ab_snapshot WHERE state = " + KEPT);
        try {
            byte[] hash = query.step() ? query.getBlob(1) : null;
            byte[] heads = hash == null ? null : query.getBlob(3);
            return hash == null || heads == null
                    ? null
                    : new Kept(
                            query.getLong(0),
                            new Snapshot.Id(Hash128.of(hash), query.getLong(2)),
                            Heads.of(HeadsCodec.read(new ByteReader(heads))));
        } finally {
            query.reset();
        }
    }

    // ---- Writing and receiving

    /** Begins one whose name is not known yet, and returns its number. */
    long begin() {
        return insert(Hash128.ZERO, 0);
    }

    private long insert(Hash128 hash, long sizeBytes) {
        // Never one that was dropped: another process may still be writing under that.
        long number = db.queryLong("SELECT random() & 0x3fffffffffffffff");
        db.prepare("INSERT INTO _ab_snapshot(id, hash, size, state, heads) VALUES (?, ?, ?, " + PARTIAL + ", x'00')")
                .bind(1, number)
                .bind(2, hash.bytes())
                .bind(3, sizeBytes)
                .run();
        return number;
    }

    /** Appends bytes at {@code at}, which is where those before end. */
    public void append(long number, long at, byte[] bytes, String table, @Nullable List<Value> firstKey) {
        SqlStatement insert = db.prepare(
                        "INSERT INTO _ab_snapshot_part(snapshot, at, tbl, k, bytes) VALUES (?, ?, ?, ?, ?)")
                .bind(1, number)
                .bind(2, at)
                .bind(5, bytes);
        if (firstKey == null) {
            insert.bindNull(3).bindNull(4);
        } else {
            insert.bind(3, table).bind(4, Key.of(firstKey).bytes());
        }
        insert.run();
    }

    /**
     * Makes one the kept one, in place of any other; drops all others but those being received.
     *
     * @return false if it is no longer whole here: another process has dropped it
     */
    boolean keep(long number, Snapshot.Id id, Heads heads) {
        ByteWriter bytes = new ByteWriter(256);
        HeadsCodec.write(heads.entries(), bytes);
        if (storedBytes(number) != id.sizeBytes()) {
            drop(number);
            return false;
        }
        db.execute("DELETE FROM _ab_snapshot_part WHERE snapshot IN (SELECT id FROM _ab_snapshot WHERE id <> " + number
                + " AND (state = " + KEPT + " OR size = 0))");
        db.execute("DELETE FROM _ab_snapshot WHERE id <> " + number + " AND (state = " + KEPT + " OR size = 0)");
        db.prepare("UPDATE _ab_snapshot SET hash = ?, size = ?, heads = ?, state = " + KEPT + " WHERE id = ?")
                .bind(1, id.hash().bytes())
                .bind(2, id.sizeBytes())
                .bind(3, bytes.toByteArray())
                .bind(4, number)
                .run();
        return true;
    }

    private long storedBytes(long number) {
        SqlStatement query = db.prepare(
                        "SELECT ifnull(sum(length(bytes)), 0) FROM _ab_snapshot_part WHERE snapshot = ?")
                .bind(1, number);
        try {
            return query.step() ? query.getLong(0) : 0;
        } finally {
            query.reset();
        }
    }

    public void drop(long number) {
        db.prepare("DELETE FROM _ab_snapshot_part WHERE snapshot = ?")
                .bind(1, number)
                .run();
        db.prepare("DELETE FROM _ab_snapshot WHERE id = ?").bind(1, number).run();
    }

    /** Returns the number under which a peer's snapshot is being received; 0 if none of its bytes are here. */
    public long receiving(Snapshot.Id id) {
        return find(id, PARTIAL);
    }

    private long find(Snapshot.Id id, int state) {
        SqlStatement query = db.prepare("SELECT id FROM _ab_snapshot WHERE hash = ? AND size = ? AND state = ?")
                .bind(1, id.hash().bytes())
                .bind(2, id.sizeBytes())
                .bind(3, state);
        try {
            return query.step() ? query.getLong(0) : 0;
        } finally {
            query.reset();
        }
    }

    /** Sets one aside that was received whole: it stays while others are received. */
    public void setAside(long number) {
        db.prepare("UPDATE _ab_snapshot SET state = " + ASIDE + " WHERE id = ?")
                .bind(1, number)
                .run();
    }

    /** Returns the number of one that was set aside; 0 if there is none. */
    public long aside(Snapshot.Id id) {
        return find(id, ASIDE);
    }

    /** Drops all that were set aside. */
    public void dropAside() {
        db.execute("DELETE FROM _ab_snapshot_part WHERE snapshot IN (SELECT id FROM _ab_snapshot WHERE state = " + ASIDE
                + ")");
        db.execute("DELETE FROM _ab_snapshot WHERE state = " + ASIDE);
    }

    /** Makes room for a peer's snapshot, and gives up any other that was being received. */
    public long receive(Snapshot.Id id) {
        long known = receiving(id);
        if (known > 0) {
            return known;
        }
        db.execute("DELETE FROM _ab_snapshot_part WHERE snapshot IN (SELECT id FROM _ab_snapshot WHERE state = "
                + PARTIAL + " AND size > 0)");
        db.execute("DELETE FROM _ab_snapshot WHERE state = " + PARTIAL + " AND size > 0");
        return insert(id.hash(), id.sizeBytes());
    }

    /** Returns how many bytes of a snapshot are here, from the first on. */
    public long length(long number) {
        SqlStatement query = db.prepare("SELECT at + length(bytes) FROM _ab_snapshot_part WHERE snapshot = ?"
                        + " ORDER BY at DESC LIMIT 1")
                .bind(1, number);
        try {
            return query.step() ? query.getLong(0) : 0;
        } finally {
            query.reset();
        }
    }

    // ---- Reading

    /** Returns the bytes from {@code from} on: some, and none at the end. */
    public byte[] read(long number, long from, int maxBytes) {
        SqlStatement query = db.prepare(
                        "SELECT at, bytes FROM _ab_snapshot_part WHERE snapshot = ? AND at <= ? ORDER BY at DESC LIMIT 1")
                .bind(1, number)
                .bind(2, from);
        byte[] part;
        long at;
        try {
            part = query.step() ? query.getBlob(1) : null;
            if (part == null) {
                return new byte[0];
            }
            at = query.getLong(0);
        } finally {
            query.reset();
        }
        ByteWriter out = new ByteWriter(Math.min(maxBytes, 1 << 20));
        int skip = (int) Math.min(part.length, from - at);
        while (part != null && out.size() < maxBytes) {
            int length = Math.min(part.length - skip, maxBytes - out.size());
            out.raw(Arrays.copyOfRange(part, skip, skip + length));
            at += part.length;
            skip = 0;
            part = part(number, at);
        }
        return out.toByteArray();
    }

    private byte @Nullable [] part(long number, long at) {
        SqlStatement query = db.prepare("SELECT bytes FROM _ab_snapshot_part WHERE snapshot = ? AND at = ?")
                .bind(1, number)
                .bind(2, at);
        try {
            return query.step() ? query.getBlob(0) : null;
        } finally {
            query.reset();
        }
    }

    /** Returns the parts of a snapshot in order, each read when it is asked for. */
    public Iterator<byte[]> parts(long number) {
        return new Iterator<>() {
            private long at;
            private byte @Nullable [] next = part(number, 0);

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public byte[] next() {
                byte[] current = next;
                if (current == null) {
                    throw new NoSuchElementException();
                }
                at += current.length;
                next = part(number, at);
                return current;
            }
        };
    }

    /** Returns what a whole snapshot stands for. Reads its first chunk alone. */
    public Heads readHeads(long number) {
        List<Heads> heads = new ArrayList<>();
        SnapshotReader.readHead(parts(number), head -> heads.add(head.heads()));
        return heads.get(0);
    }

    /** Returns a row as the kept snapshot has it; null if it has none. */
    public Snapshot.@Nullable Row row(String table, Key key) {
        Kept kept = kept();
        if (kept == null) {
            return null;
        }
        SqlStatement query = db.prepare("SELECT at FROM _ab_snapshot_part WHERE snapshot = ? AND tbl = ? AND k <= ?"
                        + " AND k IS NOT NULL ORDER BY k DESC LIMIT 1")
                .bind(1, kept.number())
                .bind(2, table)
                .bind(3, key.bytes());
        long at;
        try {
            if (!query.step()) {
                return null;
            }
            at = query.getLong(0);
        } finally {
            query.reset();
        }
        for (Snapshot.Row row : chunk(kept.number(), at)) {
            if (Key.of(row.key()).equals(key)) {
                return row;
            }
        }
        return null;
    }

    private List<Snapshot.Row> chunk(long number, long at) {
        List<Snapshot.Row> known = lookedInto;
        if (known != null && lookedIntoAt == at && lookedIntoSnapshot == number) {
            return known;
        }
        byte[] part = part(number, at);
        List<Snapshot.Row> rows = part == null ? List.of() : SnapshotReader.rows(part);
        lookedInto = rows;
        lookedIntoAt = at;
        lookedIntoSnapshot = number;
        return rows;
    }

    /** Forgets what was read: after a rollback a number may come to name another snapshot. */
    public void forget() {
        lookedInto = null;
    }
}
