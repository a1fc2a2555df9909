// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.apply.Projection;
import io.anabranch.sync.store.apply.Projector;
import io.anabranch.sync.store.apply.Violations;
import io.anabranch.sync.store.capture.ApplicationTriggers;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.history.ConflictLog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.row.UnshownRows;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import io.anabranch.sync.store.schema.TableConstraints;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the triggers noted into one change set, from the rows as they are now. Runs in the caller's write
 * transaction, before anything remote is applied in it: so no remote change can come between a write and its seal, and the
 * difference between a counter's column and its state is what was written here.
 *
 * <p>Never fails for what a value is: one that the column's rule cannot take is reported in {@code _ab_rejected} and the
 * cell shows its state again.
 */
public final class Sealer {
    private static final Logger LOG = LoggerFactory.getLogger(Sealer.class);

    private final SqlDatabase db;
    private final Meta meta;
    private final Origins origins;
    private final ChangeLog log;
    private final Catalog catalog;
    private final RowStore rows;
    private final HiddenRows hidden;
    private final UnshownRows unshown;
    private BodyLimits limits = BodyLimits.DEFAULT;

    public Sealer(SqlDatabase db, Meta meta, Origins origins, ChangeLog log, Catalog catalog, RowStore rows) {
        this.db = db;
        this.meta = meta;
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.rows = rows;
        this.hidden = new HiddenRows(db);
        this.unshown = new UnshownRows(db);
    }

    /** Returns how many row changes wait to be sealed. Costs O(that). */
    public long pending() {
        return db.queryLong("SELECT (SELECT count(*) FROM _ab_pending WHERE scratch = 0)"
                + " + (SELECT count(*) FROM _ab_resolve WHERE problem IS NULL)");
    }

    /** Says how bodies are cut from now on. */
    public void limits(BodyLimits limits) {
        this.limits = limits;
    }

    /**
     * Seals all that was captured. Costs O(rows captured), and memory for a few MiB of them.
     *
     * @param nowMillis the wall clock, by which writes were captured too; none of them counts as later than this
     * @param offsetMillis what to add to that for a stamp
     * @param oneTransaction whether what was captured was written in one transaction, and must stay together
     * @return whether there was anything to say
     * @throws SyncException.TransactionTooLarge if it must stay together and is more than one change set may hold
     */
    public boolean seal(Origin self, long nowMillis, long offsetMillis, boolean oneTransaction) {
        SortedMap<Long, Captured> tables = capturedTables();
        List<TableDefinition> undeclared = catalog.declarations().undeclared();
        if (tables.isEmpty() && undeclared.isEmpty()) {
            if (unshown.any()) {
                reconsider(List.of(), nowMillis);
            }
            return false;
        }
        if (!tables.isEmpty()) {
            catalog.made().handOver();
        }
        long lastWriteMillis = undeclared.isEmpty() ? Math.min(lastMillis(tables.values()), nowMillis) : nowMillis;
        Draft draft = draft(self, lastWriteMillis + offsetMillis, oneTransaction);
        undeclared.forEach(draft::declare);
        Seal seal = new Seal(draft, self, nowMillis, offsetMillis);
        for (Map.Entry<Long, Captured> each : tables.entrySet()) {
            EnrolledTable table = catalog.get(each.getKey());
            if (table.isLocal()) {
                seal.table(table, each.getValue().count());
            } else {
                LOG.warn(
                        "writes to table {} cannot be sealed: it was dropped, or its key is no longer the space's",
                        table);
            }
        }
        db.execute("DELETE FROM _ab_pending"); // All of it was captured: the scratch list is empty outside an apply.
        seal.touchParents();
        draft.seal();
        if (seal.anyUnshown || !seal.written.isEmpty()) {
            reconsider(seal.written, nowMillis);
        }
        // A savepoint of the application that is rolled back later takes this seal with it, so all of it is in the
        // file.
        rows.flush();
        return draft.isSealed();
    }

    /**
     * What was written may free a unique key that a hidden row waits for, or take one that an older hidden row claims. No
     * trigger of the application may object: sealing never fails.
     */
    private void reconsider(List<Projection> written, long nowMillis) {
        Set<String> all = new HashSet<>();
        catalog.all().forEach(table -> all.add(table.name()));
        new Projector(db, catalog, rows, new ConflictLog(db, rows), nowMillis, all).reconsider(written);
    }

    private Draft draft(Origin self, long lastWriteMillis, boolean oneTransaction) {
        HybridTime clock = new HybridTime(meta.getLong("hlc"));
        return new Draft(clock, origins, log, catalog, limits, self, lastWriteMillis, oneTransaction);
    }

    /**
     * Seals a change set that does nothing but say what this replica has seen by now, all of it: others can conclude that from
     * nothing else while nobody writes here.
     */
    public void acknowledge(Origin self, long correctedMillis) {
        origins.forgetSeen();
        draft(self, correctedMillis, true).sealEmpty();
    }

    /** Returns the tables that were written. */
    private SortedMap<Long, Captured> capturedTables() {
        TreeMap<Long, Captured> tables = new TreeMap<>();
        SqlStatement query =
                db.prepare("SELECT tbl, max(at), count(*) FROM _ab_pending WHERE scratch = 0 GROUP BY tbl");
        while (query.step()) {
            tables.put(query.getLong(0), new Captured(query.getLong(1), query.getLong(2)));
        }
        return tables;
    }

    private static long lastMillis(Collection<Captured> tables) {
        return tables.stream().mapToLong(Captured::lastMillis).max().orElse(0);
    }

    /** How often rows of a table were noted, and when the last of them was. */
    private record Captured(long lastMillis, long count) {}

    /** One seal, row by row. */
    private final class Seal {
        private final Draft draft;
        private final Origin self;
        private final long nowMillis;
        private final long offsetMillis;
        private final ConflictLog conflicts;
        private final ParentTouches touches = new ParentTouches(db, catalog);
        private final Violations violations;
        private final boolean anyHidden;
        private boolean anyUnshown;
        /** Rows that may show or hide others, or be hidden. */
        private final List<Projection> written = new ArrayList<>();

        Seal(Draft draft, Origin self, long nowMillis, long offsetMillis) {
            this.draft = draft;
            this.self = self;
            this.nowMillis = nowMillis;
            this.offsetMillis = offsetMillis;
            SqlStatement any = db.prepare("SELECT EXISTS (SELECT 1 FROM _ab_conflict),"
                    + " EXISTS (SELECT 1 FROM _ab_violation),"
                    + " EXISTS (SELECT 1 FROM _ab_hidden) OR EXISTS (SELECT 1 FROM _ab_renamed),"
                    + " EXISTS (SELECT 1 FROM _ab_unshown)");
            any.step();
            conflicts = new ConflictLog(db, rows, any.getLong(0) == 1);
            violations = new Violations(db, catalog.checks(), any.getLong(1) == 1);
            anyHidden = any.getLong(2) == 1;
            anyUnshown = any.getLong(3) == 1;
            any.reset();
        }

        void table(EnrolledTable table, long count) {
            try (CapturedRows captured = new CapturedRows(db, rows, table, count)) {
                for (List<CapturedRow> some = captured.next(); !some.isEmpty(); some = captured.next()) {
                    List<Key> keys = new ArrayList<>(some.size());
                    some.forEach(row -> keys.add(row.key));
                    rows.lookAhead(table, keys);
                    some.forEach(row -> row(table, row));
                }
            }
        }

        private void row(EnrolledTable table, CapturedRow captured) {
            Key key = captured.key;
            if (key.isTooLarge()) {
                reject(table, key, table.keyNames().get(0), Value.NULL, "a key larger than 8 MiB");
                return;
            }
            draft.makeRoom(captured);
            long stamp = captured.isFound()
                    ? 0
                    : draft.stampOf(Math.min(captured.atMillis(), nowMillis) + offsetMillis)
                            .bits();
            RowLives<String, Value> before = rows.load(table, key, captured.unwritten(table));
            if (captured.image == null) {
                // A row that is hidden is not there either.
                if (before.isShown() && !(anyHidden && hidden.contains(table, key))) {
                    RowOp<String, Value> delete = before.delete(draft.dot());
                    save(table, key, before, delete, before.apply(delete), null);
                }
                return;
            }
            if (anyHidden && before.isShown()) {
                hidden.remove(table, key);
            }
            write(table, captured, captured.image, before, stamp);
        }

        private void write(
                EnrolledTable table, CapturedRow captured, Value[] image, RowLives<String, Value> before, long stamp) {
            Key key = captured.key;
            Value[] said = said(table, captured, before, image);
            RowWrites writes = writes(table, key, said, before);
            RowOp<String, Value> op = null;
            boolean beginsAnew = !before.isShown();
            if (!beginsAnew) {
                writes.collect(captured);
                boolean claims = captured.claimsRights();
                op = writes.cells().isEmpty() || claims ? null : before.edit(draft.dot(), stamp, writes.cells());
                // The whole row begins anew: its rights too, or no rank is left above a value that is in the way.
                beginsAnew = claims || op == null && !writes.cells().isEmpty();
                writes = beginsAnew ? writes(table, key, said, RowLives.none()) : writes;
            }
            if (beginsAnew) {
                writes.collect(null);
                op = before.insert(draft.dot(), stamp, table.onDelete(), writes.cells());
            }
            op = op == null ? null : GroupRanks.level(table, op);
            RowLives<String, Value> after = op == null ? before : before.apply(op);
            boolean mustProject = writes.mustProject(after);
            Value[] shown = mustProject ? showAgain(table, key, after, image) : image;
            if (op != null) {
                save(table, key, before, op, after, shown);
            } else if (mustProject || table.hasRights()) {
                rows.save(table, key, after, shown);
            }
        }

        /** Returns what the row says: one that has to show another name, and is written whole, says its own. */
        private Value[] said(EnrolledTable table, CapturedRow captured, RowLives<String, Value> before, Value[] image) {
            EnrolledTable.Column column = anyHidden ? catalog.constraints(table).renamed() : null;
            if (column == null || captured.isMeant(column) || hidden.findRenamed(table, captured.key) == null) {
                return image;
            }
            Value[] wanted = rows.project(table, captured.key, before);
            Value[] renamed = wanted == null ? null : rows.renamed(table, captured.key, wanted, column);
            int at = table.shown().indexOf(column);
            if (wanted == null || renamed == null || !renamed[at].equals(image[at])) {
                return image;
            }
            Value[] said = image.clone();
            said[at] = wanted[at];
            return said;
        }

        private RowWrites writes(EnrolledTable table, Key key, Value[] image, RowLives<String, Value> before) {
            return new RowWrites(
                    table,
                    key,
                    image,
                    before,
                    self,
                    rows,
                    (column, value, reason) -> reject(table, key, column, value, reason));
        }

        private void save(
                EnrolledTable table,
                Key key,
                RowLives<String, Value> before,
                RowOp<String, Value> op,
                RowLives<String, Value> after,
                Value @Nullable [] image) {
            rows.save(table, key, after, image);
            note(table, key, before, after, image);
            draft.add(table, key, op);
            conflicts.noteOwn(table, key, op, after);
        }

        private void note(
                EnrolledTable table,
                Key key,
                RowLives<String, Value> before,
                RowLives<String, Value> after,
                Value @Nullable [] image) {
            touches.noteWritten(table, key);
            if (image != null) {
                touches.noteChild(table, key, image);
            }
            TableConstraints constraints = catalog.constraints(table);
            if (constraints.hasCheck() && violations.maybeAny()) {
                violations.review(table, key, image);
            }
            if (constraints.hideByReference() || anyHidden && constraints.decideTogether()) {
                Value[] wanted = constraints.renames() ? rows.project(table, key, after) : image;
                Projection row = new Projection(table, key, constraints, after, wanted);
                row.isLocal = true;
                row.before = constraints.hideByReference() ? rows.project(table, key, before) : image;
                row.now = image;
                written.add(row);
            }
        }

        private Value[] showAgain(EnrolledTable table, Key key, RowLives<String, Value> row, Value[] image) {
            Value[] shown = rows.project(table, key, row);
            if (shown == null) {
                throw new AssertionError("a row that was just written does not show: " + table + " " + key);
            }
            boolean[] done = new boolean[1];
            unchecked(
                    catalog.constraints(table).hasCheck(),
                    () -> new ApplicationTriggers(db)
                            .silenced(table, () -> done[0] = rows.write(table, key, image, shown) == null));
            if (!done[0]) {
                unshown.put(new RowId(table.id(), key));
                anyUnshown = true;
            }
            return done[0] ? shown : image;
        }

        /** A merged row may fail a CHECK, of which SQLite asks none but those of the columns that the application wrote. */
        private void unchecked(boolean hasCheck, Runnable work) {
            SideTables.setMode(db, SideTables.MODE_SILENT);
            if (hasCheck) {
                db.execute("PRAGMA ignore_check_constraints = ON");
            }
            try {
                work.run();
            } finally {
                if (hasCheck) {
                    db.execute("PRAGMA ignore_check_constraints = OFF");
                }
            }
            SideTables.setMode(db, SideTables.MODE_CAPTURE);
        }

        private void reject(EnrolledTable table, Key key, String column, Value value, String reason) {
            db.prepare("INSERT INTO _ab_rejected(at, tbl, k, name, value, reason, id) VALUES (?, ?, ?, ?, ?, ?, ?)")
                    .bind(1, nowMillis)
                    .bind(2, table.id())
                    .bind(3, key.bytes())
                    .bind(4, column)
                    .bind(5, value)
                    .bind(6, reason)
                    .bind(7, ConflictLog.nextId(meta))
                    .run();
        }

        /** A write to a child is a write to its parent too, and so to that one's, where the foreign key says so. */
        void touchParents() {
            for (Set<RowId> parents = touches.take(); !parents.isEmpty(); parents = touches.take()) {
                parents.forEach(this::touch);
            }
        }

        private void touch(RowId row) {
            EnrolledTable table = catalog.get(row.table());
            RowStore.Row loaded = rows.loadWithImage(table, row.key(), false);
            RowOp<String, Value> touch = loaded.lives().isShown()
                    ? loaded.lives().edit(draft.dot(), draft.stamp().bits(), Map.of())
                    : null;
            touches.noteWritten(table, row.key());
            if (touch != null) {
                RowLives<String, Value> after = loaded.lives().apply(touch);
                rows.save(table, row.key(), after, loaded.image());
                draft.add(table, row.key(), touch);
                conflicts.noteOwn(table, row.key(), touch, after);
                if (loaded.image() != null) {
                    touches.noteChild(table, row.key(), loaded.image());
                }
            }
        }
    }
}
