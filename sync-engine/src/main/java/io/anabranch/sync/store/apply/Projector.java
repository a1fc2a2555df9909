// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.Visibility;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.history.ConflictLog;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.row.UnshownRows;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import io.anabranch.sync.store.schema.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes operations into the state of their rows and makes the application's tables show it, each row once. A row that the
 * tables will not have together with others, or for its own sake, is hidden with the reason, and shown when that goes. Confined
 * to one connection; made anew for each batch, in the caller's write transaction.
 */
public final class Projector {
    private static final Logger LOG = LoggerFactory.getLogger(Projector.class);
    /** How many rows are looked up together. */
    private static final int AT_ONCE = 100;

    private final SqlDatabase db;
    private final Catalog catalog;
    private final RowStore rows;
    private final HiddenRows hidden;
    private final UnshownRows unshown;
    private final ConflictLog conflicts;
    private final TableWriter writer;
    private final TriggerEffects effects;
    private final Violations violations;
    private final long nowMillis;
    /** Tables that may show rows which have no state yet. */
    private final Set<Long> adopted = new TreeSet<>();

    private final List<RowChange> changes = new ArrayList<>();

    private boolean anyHidden;
    private boolean keepsValues;

    /** @param unruly tables whose triggers must not fire, by name on the wire */
    public Projector(
            SqlDatabase db, Catalog catalog, RowStore rows, ConflictLog conflicts, long nowMillis, Set<String> unruly) {
        this.db = db;
        this.catalog = catalog;
        this.rows = rows;
        this.hidden = new HiddenRows(db);
        this.unshown = new UnshownRows(db);
        this.conflicts = conflicts;
        this.writer = new TableWriter(db, catalog, rows, unruly);
        this.effects = new TriggerEffects(db, catalog, rows);
        this.violations = new Violations(db, catalog.checks());
        this.nowMillis = nowMillis;
    }

    /** Says that a table may show rows which have no state yet. */
    void adopt(EnrolledTable table) {
        adopted.add(table.id());
    }

    /** Has every value kept in the state of its row, and none in the application's table alone. */
    void keepValues() {
        keepsValues = true;
    }

    /** Returns the rows that the application's tables show differently now. */
    List<RowChange> changes() {
        return changes;
    }

    // ---- What is to be shown

    /** Applies the operations of each row and shows it. */
    void project(TouchedRows touched) {
        if (touched.isEmpty()) {
            return;
        }
        anyHidden = hidden.any();
        boolean later = catalog.checksForeignKeys();
        writing(() -> {
            Map<RowId, Projection> together = new TreeMap<>();
            touched.forEachTable((id, keys) -> {
                EnrolledTable table = catalog.get(id);
                boolean alone = !later
                        && !catalog.hasApplicationTriggers()
                        && !catalog.constraints(table).decideTogether();
                List<Map.Entry<Key, List<RowOp<String, Value>>>> all = new ArrayList<>(keys.entrySet());
                for (int from = 0; from < all.size(); from += AT_ONCE) {
                    var some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
                    lookAhead(table, some);
                    List<Projection> fresh = new ArrayList<>();
                    for (Map.Entry<Key, List<RowOp<String, Value>>> each : some) {
                        Projection row = compute(table, each.getKey(), each.getValue());
                        if (alone && row.now == null && row.shown() != null) {
                            fresh.add(row);
                        } else if (alone) {
                            writer.write(row);
                            keep(row);
                        } else {
                            together.put(row.id, row);
                        }
                    }
                    writer.insertAll(table, fresh);
                    fresh.forEach(this::keep);
                }
            });
            conflicts.write();
            showTogether(together);
        });
    }

    private void lookAhead(EnrolledTable table, List<Map.Entry<Key, List<RowOp<String, Value>>>> some) {
        List<Key> keys = new ArrayList<>(some.size());
        some.forEach(each -> keys.add(each.getKey()));
        rows.lookAhead(table, keys, adopted.contains(table.id()));
    }

    /** Shows rows that the application wrote and that have been sealed, what hangs on them, and what is not shown yet. */
    public void reconsider(Collection<Projection> written) {
        Map<RowId, Projection> together = new TreeMap<>();
        written.forEach(row -> together.put(row.id, row));
        writing(() -> showTogether(together));
    }

    private void writing(Runnable work) {
        boolean checks = catalog.hasChecks();
        SideTables.setMode(db, catalog.hasApplicationTriggers() ? SideTables.MODE_SCRATCH : SideTables.MODE_SILENT);
        if (checks) {
            db.execute("PRAGMA ignore_check_constraints = ON");
        }
        try {
            work.run();
        } finally {
            if (checks) {
                db.execute("PRAGMA ignore_check_constraints = OFF");
            }
        }
        SideTables.setMode(db, SideTables.MODE_CAPTURE);
    }

    private Projection compute(EnrolledTable table, Key key, List<RowOp<String, Value>> ops) {
        RowStore.Row loaded = rows.loadWithImage(table, key, adopted.contains(table.id()));
        RowLives<String, Value> row = loaded.lives();
        for (RowOp<String, Value> op : ops) {
            // Where deletes win, nothing is left of a row that was here before, but what it lost may be listed.
            boolean isFirst = row.lives().isEmpty()
                    && op instanceof RowOp.Insert<String, Value>
                    && table.onDelete() == DeletePolicy.EDIT_WINS;
            RowLives<String, Value> after = row.apply(op);
            if (!isFirst) {
                conflicts.note(table, key, row, op, after, nowMillis);
            }
            row = after;
        }
        Value[] shown = rows.project(table, key, row);
        Projection projection = new Projection(table, key, catalog.constraints(table), row, shown);
        projection.ops = ops;
        projection.before = loaded.image();
        projection.now = loaded.image();
        projection.isChanged = true;
        // Without operations it was joined with a snapshot's, or its age means something else now.
        projection.mayHaveAged = ops.isEmpty() || !Objects.equals(loaded.lives().age(), row.age());
        // A state that a snapshot was joined into says too little: the row may have been hidden before, and be gone
        // now.
        if (loaded.image() == null && anyHidden) {
            projection.wasHidden = hidden.find(table, key);
        }
        return projection;
    }

    // ---- Showing it

    /** All rows are read before the first is written, then written, and what triggers did meanwhile is undone. */
    private void showTogether(Map<RowId, Projection> together) {
        ConstraintResolver resolver = new ConstraintResolver(db, catalog, rows, hidden, together);
        if (catalog.checksForeignKeys()) {
            resolver.resolve();
            together.values().forEach(this::keepForLater);
            return;
        }
        List<RowId> late = unshown.all();
        resolver.reachUnshown(late);
        do {
            resolver.resolve();
        } while (writer.writeAll(together.values()));
        together.values().forEach(this::keep);
        if (!late.isEmpty()) {
            unshown.clear();
        }
        if (catalog.hasApplicationTriggers()) {
            together.values().forEach(row -> effects.expect(row.table, row.key, row.now));
            effects.undo();
        }
    }

    /** Keeps the state of a row, and has it shown by a connection on which no foreign key acts. */
    private void keepForLater(Projection row) {
        if (Arrays.equals(row.now, row.shown())) {
            keep(row);
            return;
        }
        unshown.put(row.id);
        if (row.isChanged) {
            rows.save(row.table, row.key, row.row, row.table.isLocal() ? row.now : null);
        }
    }

    private void keep(Projection row) {
        if (row.isHidden()) {
            hide(row);
        } else if (row.wasHidden != null) {
            hidden.remove(row.table, row.key);
        }
        if (row.isRenamed()) {
            hidden.putRenamed(row.table, row.key, reason(row.verdict(), false));
        } else if (row.constraints.renames()) {
            hidden.removeRenamed(row.table, row.key);
        }
        if (row.isChanged || row.isLocal && row.isHidden() || !Arrays.equals(row.before, row.now)) {
            rows.save(row.table, row.key, row.row, row.table.isLocal() && !keepsValues ? row.now : null);
            if (row.constraints.hasCheck()) {
                violations.review(row.table, row.key, row.now);
            }
            report(row);
        }
    }

    private void hide(Projection row) {
        HiddenRows.Reason reason = row.refusal != null ? row.refusal : reason(row.whyHidden(), row.isOpen());
        if (row.wasHidden == null) {
            LOG.warn("row {} of {} is hidden: {}", row.key, row.table, reason.reason());
        }
        hidden.put(row.table, row.key, reason);
    }

    private HiddenRows.Reason reason(Visibility.Verdict<Face, Token> verdict, boolean isOpen) {
        if (verdict instanceof Visibility.Verdict.Rival<Face, Token> rival) {
            RowId older = rival.older().row();
            return new HiddenRows.Reason(
                    HiddenRows.Reason.UNIQUE,
                    "an older row, " + older.key() + ", has the same "
                            + rival.key().columns(),
                    older.table(),
                    older.key().bytes(),
                    isOpen);
        }
        Token need = ((Visibility.Verdict.Orphan<Face, Token>) verdict).need();
        return new HiddenRows.Reason(
                HiddenRows.Reason.FOREIGN_KEY,
                "table " + catalog.get(need.table()) + " shows no row with " + need.columns() + " = " + need.values(),
                need.table(),
                need.bytes(),
                isOpen);
    }

    private void report(Projection row) {
        Value[] before = row.before;
        Value[] after = row.now;
        if (!row.table.isLocal() || Arrays.equals(before, after)) {
            return;
        }
        RowChange.Kind kind;
        Set<String> columns = row.table.shownLabels();
        if (before == null) {
            kind = RowChange.Kind.INSERTED;
        } else if (after == null) {
            kind = RowChange.Kind.DELETED;
        } else {
            kind = RowChange.Kind.UPDATED;
            columns = differing(row.table, before, after);
        }
        changes.add(new RowChange(row.table.label(), row.key.values(), kind, columns, writers(row.ops)));
    }

    private static Set<String> differing(EnrolledTable table, Value[] before, Value[] after) {
        Set<String> columns = new LinkedHashSet<>();
        for (int i = 0; i < before.length; i++) {
            if (!before[i].equals(after[i])) {
                columns.add(table.shown().get(i).label());
            }
        }
        return columns;
    }

    private static Set<Origin> writers(List<RowOp<String, Value>> ops) {
        if (ops.size() == 1) {
            return Set.of(ops.get(0).dot().origin());
        }
        Set<Origin> writers = new LinkedHashSet<>();
        ops.forEach(op -> writers.add(op.dot().origin()));
        return writers;
    }
}
