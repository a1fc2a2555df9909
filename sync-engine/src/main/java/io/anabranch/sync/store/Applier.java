// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes change sets into state, and shows each touched row once. Runs in the caller's write transaction, after a seal, with
 * the version vector moved in the same transaction. Confined to one connection; made anew for each batch.
 *
 * <p>State never refuses an operation. What cannot be understood yet is held in the log and taken when it can be. A row that
 * the application's table will not have is hidden, with the reason, and tried again whenever it changes.
 */
final class Applier {
    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);
    private static final int MAX_SCRATCH_ROUNDS = 3;

    private final SqlDatabase db;
    private final Meta meta;
    private final ChangeLog log;
    private final Catalog catalog;
    private final RowStore rows;
    private final ApplicationTriggers triggers;
    private final ConflictLog conflicts;
    private final long nowMillis;

    /** By table number, then key: the operations to apply, in causal order. */
    private final SortedMap<Long, SortedMap<Key, List<RowOp<String, Value>>>> touched = new TreeMap<>();

    /** Tables all of whose rows are shown again. */
    private final Set<Long> reprojected = new TreeSet<>();
    /** Tables whose triggers must not fire, by name on the wire. */
    private final Set<String> unruly;
    /** Tables that may show rows which have no state yet. */
    private final Set<Long> unknownRows = new TreeSet<>();
    /** What was shown in this batch, where application triggers may have meddled with it since. */
    private final Map<Long, Map<Key, Value @Nullable []>> written = new HashMap<>();

    private final List<RowChange> changes = new ArrayList<>();
    private HybridTime clock;

    /** @param unruly tables whose triggers ended the transaction when this was tried before */
    Applier(
            SqlDatabase db,
            Meta meta,
            ChangeLog log,
            Catalog catalog,
            RowStore rows,
            long nowMillis,
            Set<String> unruly) {
        this.db = db;
        this.meta = meta;
        this.log = log;
        this.catalog = catalog;
        this.rows = rows;
        this.triggers = new ApplicationTriggers(db);
        this.conflicts = new ConflictLog(db, rows);
        this.nowMillis = nowMillis;
        this.unruly = unruly;
        this.clock = new HybridTime(meta.getLong("hlc"));
    }

    /**
     * Applies change sets in order.
     *
     * @return why one of them may not be taken, and then the caller must roll back; {@link Admission.Next} if all were
     */
    Admission apply(List<EncodedChangeSet> changeSets) {
        boolean isNew = false;
        for (EncodedChangeSet changeSet : changeSets) {
            Admission admission = Admission.of(changeSet, log);
            if (admission instanceof Admission.Known) {
                continue;
            }
            if (!(admission instanceof Admission.Next)) {
                return admission;
            }
            isNew = true;
            log.append(changeSet);
            observe(changeSet);
            collect(changeSet, null);
        }
        if (isNew) {
            retryHidden();
            project();
            conflicts.prune(nowMillis);
            meta.put("hlc", clock.bits());
        }
        return new Admission.Next();
    }

    /** Returns the rows that the application's tables show differently now. */
    List<RowChange> changes() {
        return changes;
    }

    private void observe(EncodedChangeSet changeSet) {
        if (changeSet.header().isVoid()) {
            return;
        }
        HybridTime stamp = new HybridTime(changeSet.header().stamp());
        if (stamp.isAheadOf(nowMillis)) {
            LOG.warn(
                    "the clock of origin {} is ahead: it stamped a change set {} minutes in the future",
                    changeSet.header().origin(),
                    (stamp.millis() - nowMillis) / 60_000);
        }
        clock = clock.observe(stamp, nowMillis);
    }

    // ---- Collecting operations

    /** @param only take operations on this table alone; null takes all */
    private void collect(EncodedChangeSet changeSet, @Nullable String only) {
        boolean held = false;
        if (!changeSet.header().isVoid()) {
            for (TableOp op : decode(changeSet)) {
                held |= !collect(op, changeSet, only);
            }
        }
        if (held || only != null) {
            log.setHeld(changeSet.header().dot(), held);
        }
    }

    private static List<TableOp> decode(EncodedChangeSet changeSet) {
        try {
            return ChangeSetCodec.ops(changeSet);
        } catch (DecodeException e) {
            LOG.warn(
                    "change set {} does not decode and is kept without effect: {}",
                    changeSet.header().dot(),
                    e.getMessage());
            return List.of(new TableOp.Unknown(0));
        }
    }

    /** Returns whether the operation was understood. */
    private boolean collect(TableOp op, EncodedChangeSet changeSet, @Nullable String only) {
        if (op instanceof TableOp.Declare declare) {
            if (only == null) {
                declare(declare.definition(), changeSet);
            }
            return true;
        }
        if (!(op instanceof TableOp.Change change)) {
            return false;
        }
        EnrolledTable table = catalog.find(change.table());
        if (table == null) {
            return false;
        }
        if (only == null || only.equals(change.table())) {
            for (String column : RowStore.cells(change.op()).keySet()) {
                if (table.column(column) == null) {
                    table = catalog.withColumn(table, column, changeSet.header().origin());
                }
            }
            List<RowOp<String, Value>> ops = touched.computeIfAbsent(table.id(), id -> new TreeMap<>())
                    .computeIfAbsent(Key.of(change.key()), key -> new ArrayList<>());
            // A change set says one thing about a row; what more it says is void, for everyone alike.
            if (ops.isEmpty()
                    || !ops.get(ops.size() - 1).dot().equals(change.op().dot())) {
                ops.add(change.op());
            }
        }
        return change.understood();
    }

    private void declare(TableDefinition definition, EncodedChangeSet changeSet) {
        String flaw = definition.flaw();
        if (flaw != null) {
            LOG.warn(
                    "the declaration of table {} by {} is void: {}",
                    definition.name(),
                    changeSet.header().dot(),
                    flaw);
            return;
        }
        Catalog.Declared declared = catalog.declare(
                definition, changeSet.header().stamp(), changeSet.header().origin());
        if (declared.rulesChanged()) {
            reprojected.add(declared.table().id());
        }
        if (declared.isNew()) {
            if (catalog.exists(definition.name())) {
                LOG.warn(
                        "the space has a table {} and so does this file, which is not enrolled: enrol it to join them",
                        definition.name());
            } else {
                create(declared.table());
            }
            collectHeld(definition.name());
        }
    }

    /** What SQLite will not make of a definition (two thousand columns, say) must not stop the rest. */
    private void create(EnrolledTable table) {
        db.execute("SAVEPOINT _ab_create");
        try {
            catalog.create(table.definition());
            catalog.attach(table, table.name());
        } catch (SqlException e) {
            if (e.kind() != SqlException.Kind.BAD_SQL && e.kind() != SqlException.Kind.CONSTRAINT) {
                throw e; // A full disk says nothing about the definition.
            }
            db.execute("ROLLBACK TO _ab_create");
            catalog.forget();
            catalog.refresh();
            LOG.warn("table {} of the space cannot be made here, its rows are kept unseen: {}", table, e.getMessage());
        }
        db.execute("RELEASE _ab_create");
    }

    private void collectHeld(String table) {
        for (EncodedChangeSet waiting : log.held()) {
            collect(waiting, table);
        }
    }

    // ---- Showing

    /** Says that a table holds rows from before it was enrolled, which the change sets to come describe. */
    Applier adopting(EnrolledTable table) {
        unknownRows.add(table.id());
        return this;
    }

    /**
     * Shows all rows of a table that was just attached.
     *
     * @param wasUnknown whether the space had not declared it here, so that what came before its declaration was held
     */
    void attached(EnrolledTable table, boolean wasUnknown) {
        if (wasUnknown) {
            collectHeld(table.name());
        }
        reprojected.add(table.id());
        project();
    }

    /** The reason why rows are hidden may have gone with a change of the schema. */
    private void retryHidden() {
        long schema = db.queryLong("PRAGMA schema_version");
        if (schema == meta.getLong("hidden_tried_at_schema")) {
            return;
        }
        meta.put("hidden_tried_at_schema", schema);
        SqlStatement query = db.prepare("SELECT tbl, k FROM _ab_hidden ORDER BY tbl, k");
        while (query.step()) {
            byte[] key = query.getBlob(1);
            if (key != null) {
                touched.computeIfAbsent(query.getLong(0), id -> new TreeMap<>())
                        .computeIfAbsent(Key.of(key), k -> new ArrayList<>());
            }
        }
    }

    private void project() {
        for (long id : reprojected) {
            SortedMap<Key, List<RowOp<String, Value>>> all = touched.computeIfAbsent(id, i -> new TreeMap<>());
            rows.keys(catalog.get(id)).forEach(key -> all.computeIfAbsent(key, k -> new ArrayList<>()));
        }
        if (touched.isEmpty()) {
            return;
        }
        boolean watch = catalog.hasApplicationTriggers();
        SideTables.setMode(db, watch ? SideTables.MODE_SCRATCH : SideTables.MODE_SILENT);
        if (watch) {
            projectAmongTriggers();
        } else {
            touched.forEach((id, keys) -> {
                EnrolledTable table = catalog.get(id);
                keys.forEach((key, ops) -> {
                    Projection projection = compute(table, key, ops);
                    show(projection, projection.before);
                });
            });
        }
        SideTables.setMode(db, SideTables.MODE_CAPTURE);
    }

    /** Reads all rows before any trigger can meddle with them, then shows all, then undoes what triggers did. */
    private void projectAmongTriggers() {
        Map<EnrolledTable, List<Projection>> projections = new LinkedHashMap<>();
        touched.forEach((id, keys) -> {
            EnrolledTable table = catalog.get(id);
            List<Projection> ofTable = new ArrayList<>();
            keys.forEach((key, ops) -> ofTable.add(compute(table, key, ops)));
            projections.put(table, ofTable);
        });
        projections.forEach((table, ofTable) -> {
            Runnable showAll = () -> ofTable.forEach(each -> show(each, rows.image(table, each.key)));
            if (unruly.contains(table.name())) {
                triggers.silenced(table, showAll);
            } else {
                showAll.run();
            }
        });
        projections.forEach((table, ofTable) -> {
            Map<Key, Value @Nullable []> images = written.computeIfAbsent(table.id(), id -> new HashMap<>());
            ofTable.forEach(each -> images.put(each.key, each.shown));
        });
        undoTriggers();
    }

    private Projection compute(EnrolledTable table, Key key, List<RowOp<String, Value>> ops) {
        RowStore.Row loaded = rows.loadWithImage(table, key, unknownRows.contains(table.id()));
        RowLives<String, Value> row = loaded.lives();
        for (RowOp<String, Value> op : ops) {
            boolean isFirst = row.lives().isEmpty() && op instanceof RowOp.Insert<String, Value>;
            if (!isFirst) {
                conflicts.note(table, key, row, op, nowMillis);
            }
            row = row.apply(op);
        }
        boolean wasHidden = loaded.image() == null && loaded.lives().isShown() && rows.isHidden(table, key);
        Value[] shown = rows.project(table, key, row);
        keepUncaptured(table, loaded, row, shown);
        return new Projection(table, key, ops, loaded.image(), wasHidden, row, shown);
    }

    /** A column added here before the space knew it holds values that were never captured. No default overwrites them. */
    private static void keepUncaptured(
            EnrolledTable table, RowStore.Row loaded, RowLives<String, Value> row, Value @Nullable [] shown) {
        Value[] image = loaded.image();
        for (int i = 0; shown != null && image != null && i < shown.length; i++) {
            EnrolledTable.Column column = table.shown().get(i);
            boolean isUnknown = loaded.lives().register(column.name()) == null && row.register(column.name()) == null;
            if (isUnknown && column.rule() == Rule.LWW) {
                shown[i] = image[i];
            }
        }
    }

    /** One row that is to be shown. */
    private static final class Projection {
        private final EnrolledTable table;
        private final Key key;
        private final List<RowOp<String, Value>> ops;
        /** What the application's table showed before this batch. */
        private final Value @Nullable [] before;

        private final boolean wasHidden;
        private final RowLives<String, Value> row;
        /** What the table shows, or is to show. */
        private Value @Nullable [] shown;

        Projection(
                EnrolledTable table,
                Key key,
                List<RowOp<String, Value>> ops,
                Value @Nullable [] before,
                boolean wasHidden,
                RowLives<String, Value> row,
                Value @Nullable [] shown) {
            this.table = table;
            this.key = key;
            this.ops = ops;
            this.before = before;
            this.wasHidden = wasHidden;
            this.row = row;
            this.shown = shown;
        }
    }

    /** @param now what the table shows at this moment */
    private void show(Projection row, Value @Nullable [] now) {
        EnrolledTable table = row.table;
        RowStore.Refusal refusal = write(table, row.key, now, row.shown);
        if (refusal != null) {
            // SQLite may have kept the old row, or left half of the new one, which is not what the state says.
            remove(table, row.key);
        }
        if (refusal != null && row.shown != null) {
            LOG.warn("row {} of {} is hidden: {}", row.key, table, refusal.reason());
            rows.hide(table, row.key, refusal.reason());
            row.shown = null;
        } else if (row.wasHidden) {
            rows.unhide(table, row.key);
        }
        rows.save(table, row.key, row.row, table.isLocal() ? row.shown : null);
        report(table, row.key, row.before, row.shown, row.ops);
    }

    /** A trigger that cannot run here has no say in what is shown; one that objects has. */
    private RowStore.@Nullable Refusal write(
            EnrolledTable table, Key key, Value @Nullable [] now, Value @Nullable [] wanted) {
        RowStore.Refusal refusal = rows.write(table, key, now, wanted);
        if (refusal == null || !refusal.isBroken()) {
            return refusal;
        }
        LOG.warn("a trigger on {} cannot run here and is passed over: {}", table, refusal.reason());
        return writeSilently(table, key, now, wanted);
    }

    private void remove(EnrolledTable table, Key key) {
        Value[] kept = rows.image(table, key);
        if (kept != null && rows.write(table, key, kept, null) != null) {
            RowStore.Refusal refusal = writeSilently(table, key, kept, null);
            if (refusal != null) {
                throw new AssertionError("row " + key + " of " + table + " cannot be deleted: " + refusal);
            }
        }
    }

    private RowStore.@Nullable Refusal writeSilently(
            EnrolledTable table, Key key, Value @Nullable [] now, Value @Nullable [] wanted) {
        List<RowStore.Refusal> refusals = new ArrayList<>();
        triggers.silenced(table, () -> {
            RowStore.Refusal refusal = rows.write(table, key, now, wanted);
            if (refusal != null) {
                refusals.add(refusal);
            }
        });
        return refusals.isEmpty() ? null : refusals.get(0);
    }

    private void report(
            EnrolledTable table,
            Key key,
            Value @Nullable [] before,
            Value @Nullable [] after,
            List<RowOp<String, Value>> ops) {
        if (!table.isLocal() || Arrays.equals(before, after)) {
            return;
        }
        RowChange.Kind kind = before == null
                ? RowChange.Kind.INSERTED
                : after == null ? RowChange.Kind.DELETED : RowChange.Kind.UPDATED;
        Set<String> columns = new LinkedHashSet<>();
        for (int i = 0; i < table.shown().size(); i++) {
            if (before == null || after == null || !before[i].equals(after[i])) {
                columns.add(table.shown().get(i).name());
            }
        }
        Set<Origin> origins = new LinkedHashSet<>();
        ops.forEach(op -> origins.add(op.dot().origin()));
        changes.add(new RowChange(table.name(), key.values(), kind, columns, origins));
    }

    // ---- Triggers of the application

    /**
     * Application triggers fire when the engine writes. What they did to enrolled rows has happened at the origin already
     * and arrives from there; here it is undone, until nothing more happens. Triggers that go on for ever, such as one that
     * stamps every update, are silenced for the last round.
     */
    private void undoTriggers() {
        for (int round = 0; round < MAX_SCRATCH_ROUNDS; round++) {
            boolean changed = false;
            for (Map.Entry<Long, Set<Key>> entry : takeScratch().entrySet()) {
                for (Key key : entry.getValue()) {
                    changed |= restore(catalog.get(entry.getKey()), key);
                }
            }
            if (!changed) {
                takeScratch();
                return;
            }
        }
        takeScratch().forEach((id, keys) -> {
            EnrolledTable table = catalog.get(id);
            LOG.debug("triggers on {} keep changing rows that replicate: {}", table, keys);
            triggers.silenced(table, () -> keys.forEach(key -> restore(table, key)));
        });
        takeScratch();
    }

    private boolean restore(EnrolledTable table, Key key) {
        Value[] image = rows.image(table, key);
        Map<Key, Value @Nullable []> known = written.getOrDefault(table.id(), Map.of());
        Value[] wanted = known.containsKey(key) ? known.get(key) : shownByState(table, key);
        if (Arrays.equals(image, wanted)) {
            return false;
        }
        rows.write(table, key, image, wanted);
        return true;
    }

    /** The columns may hold what a trigger wrote, so the values come from the log. */
    private Value @Nullable [] shownByState(EnrolledTable table, Key key) {
        return rows.isHidden(table, key) ? null : rows.project(table, key, rows.load(table, key, null));
    }

    private Map<Long, Set<Key>> takeScratch() {
        Map<Long, Set<Key>> written = new LinkedHashMap<>();
        for (EnrolledTable table : catalog.all()) {
            if (table.isLocal()) {
                StringBuilder columns = new StringBuilder("k0");
                for (int i = 1; i < table.keyNames().size(); i++) {
                    columns.append(", k").append(i);
                }
                SqlStatement query = db.prepare(
                                "SELECT DISTINCT " + columns + " FROM _ab_pending WHERE scratch = 1 AND tbl = ?")
                        .bind(1, table.id());
                while (query.step()) {
                    written.computeIfAbsent(table.id(), id -> new TreeSet<>()).add(RowStore.readKey(table, query, 0));
                }
            }
        }
        db.execute("DELETE FROM _ab_pending WHERE scratch = 1");
        return written;
    }
}
