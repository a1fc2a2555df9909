// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes operations into the state of their rows and makes the application's tables show it, each row once. A row that the
 * table will not have is hidden, with the reason, and tried again whenever it changes. Confined to one connection; made anew
 * for each batch, in the caller's write transaction.
 */
final class Projector {
    private static final Logger LOG = LoggerFactory.getLogger(Projector.class);

    private final SqlDatabase db;
    private final Catalog catalog;
    private final RowStore rows;
    private final ConflictLog conflicts;
    private final RowWriter writer;
    private final ApplicationTriggers triggers;
    private final TriggerEffects effects;
    private final long nowMillis;
    /** Tables whose triggers must not fire, by name on the wire. */
    private final Set<String> unruly;
    /** Tables that may show rows which have no state yet. */
    private final Set<Long> adopted = new TreeSet<>();

    private final List<RowChange> changes = new ArrayList<>();

    Projector(
            SqlDatabase db, Catalog catalog, RowStore rows, ConflictLog conflicts, long nowMillis, Set<String> unruly) {
        this.db = db;
        this.catalog = catalog;
        this.rows = rows;
        this.conflicts = conflicts;
        this.writer = new RowWriter(db, rows);
        this.triggers = new ApplicationTriggers(db);
        this.effects = new TriggerEffects(db, catalog, rows);
        this.nowMillis = nowMillis;
        this.unruly = unruly;
    }

    /** Says that a table may show rows which have no state yet. */
    void adopt(EnrolledTable table) {
        adopted.add(table.id());
    }

    /** Returns the rows that the application's tables show differently now. */
    List<RowChange> changes() {
        return changes;
    }

    /** Applies the operations of each row and shows it. */
    void project(TouchedRows touched) {
        if (touched.isEmpty()) {
            return;
        }
        boolean watch = catalog.hasApplicationTriggers();
        SideTables.setMode(db, watch ? SideTables.MODE_SCRATCH : SideTables.MODE_SILENT);
        if (watch) {
            projectAmongTriggers(touched);
        } else {
            touched.forEachTable((id, keys) -> {
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
    private void projectAmongTriggers(TouchedRows touched) {
        Map<EnrolledTable, List<Projection>> projections = new LinkedHashMap<>();
        touched.forEachTable((id, keys) -> {
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
        projections.forEach((table, ofTable) -> ofTable.forEach(each -> effects.expect(table, each.key, each.shown)));
        effects.undo();
    }

    private Projection compute(EnrolledTable table, Key key, List<RowOp<String, Value>> ops) {
        RowStore.Row loaded = rows.loadWithImage(table, key, adopted.contains(table.id()));
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
        return new Projection(table, key, ops, loaded.image(), wasHidden, row, shown);
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
        RowStore.Refusal refusal = writer.write(table, row.key, now, row.shown);
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
                columns.add(table.shown().get(i).localName());
            }
        }
        Set<Origin> origins = new LinkedHashSet<>();
        ops.forEach(op -> origins.add(op.dot().origin()));
        changes.add(new RowChange(String.valueOf(table.localName()), key.values(), kind, columns, origins));
    }
}
