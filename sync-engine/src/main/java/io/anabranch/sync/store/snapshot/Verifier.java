// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.snapshot;

import io.anabranch.crdt.Life;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.Verification;
import io.anabranch.sync.Verification.Kind;
import io.anabranch.sync.Verification.Problem;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotReader;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.catalog.CatalogDamage;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.log.Snapshots;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowDigest;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks a file against itself: works state, heads and digests out from snapshot and log alone, and compares these with what
 * the file keeps and with what the application's tables show. Reads only, but for a temporary table. Confined to one
 * connection, in one transaction of the caller's.
 */
public final class Verifier {
    private final SqlDatabase db;
    private final ChangeLog log;
    private final Origins origins;
    private final Snapshots snapshots;
    private final Catalog catalog;
    private final RowStore rows;
    private final HiddenRows hidden;
    private final Problems problems = new Problems();
    private final Set<String> inSnapshot = new HashSet<>();
    private final List<EncodedChangeSet> heldInSnapshot = new ArrayList<>();
    private long compared;

    public Verifier(
            SqlDatabase db, ChangeLog log, Origins origins, Snapshots snapshots, Catalog catalog, RowStore rows) {
        this.db = db;
        this.log = log;
        this.origins = origins;
        this.snapshots = snapshots;
        this.catalog = catalog;
        this.rows = rows;
        this.hidden = new HiddenRows(db);
    }

    public Verification verify() {
        try (Replay replay = new Replay(db, log.parts())) {
            LogCheck checked = replay(replay);
            compareHeads(checked);
            String damage = CatalogDamage.find(db);
            if (damage == null) {
                compareCatalog(replay);
                for (EnrolledTable table : catalog.all()) {
                    compareTable(table, replay);
                }
                findOrphans();
                checkTriggers();
            } else { // Nothing else can be told without it.
                problems.add(Kind.CATALOG, damage);
            }
            long unsealed = db.queryLong("SELECT count(*) FROM _ab_pending WHERE scratch = 0");
            return new Verification(checked.changeSets(), compared, unsealed, problems.kept(), problems.count());
        }
    }

    /** Fills {@code replay} from snapshot and log. */
    public LogCheck replay(Replay replay) {
        Heads covered = readSnapshot(replay);
        heldInSnapshot.forEach(held -> replay.take(held, true, inSnapshot));
        LogCheck check = new LogCheck(db, log.parts(), problems, covered);
        check.run(changeSet -> {
            if (!covered.vector().contains(changeSet.header().dot())) {
                replay.take(changeSet, false, Set.of());
            }
        });
        return check;
    }

    /** Requires that nothing was found wrong with snapshot and log. */
    public void requireSound(Path path) {
        Problem damage = problems.altered() == null ? problems.lost() : problems.altered();
        if (damage != null) {
            throw new SyncException.BadFile(
                    "cannot repair " + path + ": what its state would be worked out from is damaged itself: "
                            + damage.message() + "; "
                            + (problems.altered() == null
                                    ? ""
                                    : "'anabranch verify FILE --repair --from URL' fetches damaged change sets from a peer"
                                            + " that has them; else ")
                            + "restore a backup, or make a new replica of the space with 'anabranch init' and sync it",
                    null);
        }
    }

    private Heads readSnapshot(Replay replay) {
        Snapshots.Kept kept = snapshots.kept();
        if (kept == null) {
            return Heads.NONE;
        }
        try {
            Hash128 hash = SnapshotReader.hash(
                    snapshots.parts(kept.number()), kept.id().sizeBytes());
            if (!hash.equals(kept.id().hash())) {
                problems.add(Kind.SNAPSHOT, "the snapshot that stands for what was cut from the log was altered");
            }
            SnapshotReader.read(snapshots.parts(kept.number()), entry -> {
                if (entry instanceof Snapshot.Declared declaration) {
                    inSnapshot.add(declaration.definition().name());
                    replay.take(declaration);
                } else if (entry instanceof Snapshot.Row row) {
                    replay.take(row);
                } else if (entry instanceof Snapshot.Held held) {
                    heldInSnapshot.add(held.changeSet());
                }
            });
        } catch (DecodeException e) {
            problems.add(
                    Kind.SNAPSHOT,
                    "the snapshot that stands for what was cut from the log cannot be read: " + e.getMessage());
        }
        return kept.heads();
    }

    private void compareHeads(LogCheck checked) {
        if (!origins.sum().equals(checked.heads().sum())) {
            problems.add(Kind.HEADS, "the sum over all heads in _ab_meta is not that of the log's");
        }
    }

    private void compareCatalog(Replay replay) {
        replay.declared().forEach((name, declared) -> {
            EnrolledTable table = catalog.find(name);
            if (table == null) {
                problems.add(Kind.CATALOG, "table " + name + " was declared, and _ab_table lacks it");
                return;
            }
            String difference = catalog.declarations().difference(table, declared);
            if (difference != null) {
                problems.add(Kind.CATALOG, table, difference);
            }
            declared.columns().forEach((column, first) -> {
                String other = catalog.declarations().difference(table, column, first);
                if (other != null) {
                    problems.add(new Problem(Kind.CATALOG, table.name(), List.of(), column, other));
                }
            });
        });
    }

    // ---- Rows

    private void compareTable(EnrolledTable table, Replay replay) {
        Set<Key> unsealed = unsealed(table);
        RowDigest hashes = new RowDigest();
        Hash128[] digest = {Hash128.ZERO};
        long[] shown = {0};
        replay.forEach(table.name(), (key, row) -> {
            compared++;
            digest[0] = digest[0].plus(hashes.of(key, row));
            Value[] image = rows.image(table, key);
            shown[0] += image == null ? 0 : 1;
            compareState(table, key, row, image, unsealed.contains(key));
            if (!unsealed.contains(key)) {
                compareProjection(table, key, row, image);
            }
        });
        findStateWithoutHistory(table);
        if (!rows.digests().of(table.id()).equals(digest[0])) {
            problems.add(Kind.DIGEST, table, "its digest is not the sum over its rows");
        }
        if (table.isLocal() && shown[0] != count(table)) {
            findRowsWithoutState(table, replay, unsealed);
        }
    }

    private void compareState(
            EnrolledTable table, Key key, RowLives<String, Value> row, Value @Nullable [] image, boolean isUnsealed) {
        RowLives<String, Value> kept;
        try {
            kept = rows.read(table, key, isUnsealed ? null : image);
        } catch (RuntimeException | AssertionError e) {
            problems.add(Kind.STATE, table, key, "its state in _ab_row cannot be read: " + e.getMessage());
            return;
        }
        // Whether a dead life is still remembered depends on when the file was compacted.
        if (!withoutValues(kept).equals(withoutValues(row))) {
            problems.add(
                    Kind.STATE,
                    table,
                    key,
                    kept.lives().isEmpty()
                            ? "_ab_row lacks its state"
                            : "its state in _ab_row is not what the log says");
        }
    }

    /** The values of registers are compared with what the table shows, which is where they are. */
    private static List<Life<String, Value>> withoutValues(RowLives<String, Value> row) {
        List<Life<String, Value>> alive = new ArrayList<>();
        for (Life<String, Value> life : row.lives()) {
            if (life.isAlive()) {
                alive.add(life.withValues((column, register) -> Value.NULL));
            }
        }
        return alive;
    }

    private void compareProjection(
            EnrolledTable table, Key key, RowLives<String, Value> row, Value @Nullable [] image) {
        if (!table.isLocal()) {
            return;
        }
        Value[] wanted = rows.project(table, key, row);
        if (image != null && wanted != null && hidden.findRenamed(table, key) != null) {
            Value[] renamed =
                    rows.renamed(table, key, wanted, catalog.constraints(table).renamed());
            wanted = renamed == null ? wanted : renamed;
        }
        if (image == null || wanted == null) {
            if (wanted != null && !hidden.contains(table, key)) {
                problems.add(Kind.PROJECTION, table, key, "the table lacks this row");
            } else if (image != null) {
                problems.add(Kind.PROJECTION, table, key, "the table has this row, which was deleted");
            }
            return;
        }
        for (int i = 0; i < image.length; i++) {
            EnrolledTable.Column column = table.shown().get(i);
            if (!wanted[i].equals(image[i]) && column.affinity().keeps(wanted[i])) {
                problems.add(new Problem(
                        Kind.PROJECTION,
                        table.name(),
                        key.values(),
                        column.localName(),
                        "the table shows " + brief(image[i]) + ", and the log says " + brief(wanted[i])));
            }
        }
    }

    private static String brief(Value value) {
        String text = value.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    private void findStateWithoutHistory(EnrolledTable table) {
        SqlStatement query = db.prepare("SELECT k FROM _ab_row AS r WHERE tbl = ? AND NOT EXISTS"
                        + " (SELECT 1 FROM temp._ab_replay AS l WHERE l.tbl = ? AND l.k = r.k)")
                .bind(1, table.id())
                .bind(2, table.name());
        while (query.step()) {
            byte[] key = query.getBlob(0);
            if (key != null) {
                problems.add(Kind.STATE, table, Key.of(key), "_ab_row holds a row that the log does not know");
            }
        }
    }

    private long count(EnrolledTable table) {
        return db.queryLong(
                "SELECT count(*) FROM " + io.anabranch.sync.sql.Sql.name(String.valueOf(table.localName())));
    }

    private void findRowsWithoutState(EnrolledTable table, Replay replay, Set<Key> unsealed) {
        rows.forEachKeyShown(table, key -> {
            if (!unsealed.contains(key) && replay.row(table.name(), key) == null) {
                problems.add(Kind.PROJECTION, table, key, "the table has this row, which no change set wrote");
            }
        });
    }

    private Set<Key> unsealed(EnrolledTable table) {
        Set<Key> keys = new HashSet<>();
        if (!table.isLocal()) {
            return keys; // What was captured of a table that has another key by now is no key of it.
        }
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < table.keyNames().size(); i++) {
            columns.append(i == 0 ? "k" : ", k").append(i);
        }
        SqlStatement query = db.prepare("SELECT DISTINCT " + columns + " FROM _ab_pending WHERE tbl = ?")
                .bind(1, table.id());
        while (query.step()) {
            keys.add(RowStore.readKey(table, query, 0));
        }
        return keys;
    }

    // ---- What belongs to nothing

    private void findOrphans() {
        List<String> sides = List.of("_ab_row", "_ab_column", "_ab_digest", "_ab_hidden", "_ab_renamed", "_ab_unshown");
        for (String side : sides) {
            long orphans =
                    db.queryLong("SELECT count(*) FROM " + side + " WHERE tbl NOT IN (SELECT id FROM _ab_table)");
            if (orphans > 0) {
                problems.add(Kind.STRUCTURE, orphans + " rows of " + side + " belong to no table of the space");
            }
        }
        if (db.queryLong("SELECT mode FROM _ab_mode") != SideTables.MODE_CAPTURE) {
            problems.add(Kind.STRUCTURE, "_ab_mode is not 0, so what is written is not captured");
        }
    }

    private void checkTriggers() {
        for (Map.Entry<EnrolledTable, String> entry :
                catalog.local().damagedTriggers().entrySet()) {
            problems.add(Kind.TRIGGERS, entry.getKey(), entry.getValue());
        }
    }
}
