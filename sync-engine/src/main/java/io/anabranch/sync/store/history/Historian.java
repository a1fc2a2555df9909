// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.RightsChange;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.sync.RowHistory;
import io.anabranch.sync.RowHistory.CellChange;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what was done to one row from the log. Confined to one connection. */
public final class Historian {
    private final SqlDatabase db;
    private final ChangeLog log;

    public Historian(SqlDatabase db, ChangeLog log) {
        this.db = db;
        this.log = log;
    }

    /** Costs O(log). */
    public RowHistory history(EnrolledTable table, Key key) {
        List<RowHistory.Entry> entries = new ArrayList<>();
        log.forEach(changeSet -> {
            if (!changeSet.header().isVoid()) {
                collect(changeSet, table, key, entries);
            }
        });
        return new RowHistory(table.label(), key.values(), isComplete(), entries);
    }

    private void collect(EncodedChangeSet changeSet, EnrolledTable table, Key key, List<RowHistory.Entry> entries) {
        ChangeSetHeader header = changeSet.header();
        log.forEachOp(changeSet, op -> {
            if (op instanceof TableOp.Change change
                    && change.table().equals(table.name())
                    && Key.of(change.key()).equals(key)) {
                entries.add(new RowHistory.Entry(
                        header.origin(), header.seq(), time(header.stamp()), kind(change.op()), cells(table, change)));
            }
        });
    }

    /** Returns the time of a stamp; null for rows that were there when their table was enrolled. */
    static @Nullable Instant time(long stamp) {
        return stamp == 0 ? null : Instant.ofEpochMilli(new HybridTime(stamp).millis());
    }

    private static String kind(RowOp<String, Value> op) {
        if (op instanceof RowOp.Insert<String, Value>) {
            return "insert";
        }
        return op instanceof RowOp.Edit<String, Value> ? "edit" : "delete";
    }

    private static List<CellChange> cells(EnrolledTable table, TableOp.Change change) {
        List<CellChange> cells = new ArrayList<>();
        RowStore.cells(change.op()).forEach((name, cell) -> {
            EnrolledTable.Column column = table.column(name);
            describe(column == null ? name : column.label(), cell, cells);
        });
        return cells;
    }

    private static void describe(String column, CellOp<Value> op, List<CellChange> cells) {
        if (op instanceof CellOp.Put<Value> put) {
            cells.add(new CellChange(column, "set", put.value()));
        } else if (op instanceof CellOp.Replace<Value> replace) {
            cells.add(new CellChange(column, "set", replace.value()));
        } else if (op instanceof CellOp.Add<Value> add) {
            cells.add(new CellChange(column, "add", Value.of(add.amount())));
        } else if (op instanceof CellOp.Grow<Value> grow) {
            cells.add(new CellChange(column, "add", Value.of(grow.amount())));
        } else if (op instanceof CellOp.Raise<Value> raise) {
            cells.add(new CellChange(column, "raise", raise.value()));
        } else if (op instanceof CellOp.Lower<Value> lower) {
            cells.add(new CellChange(column, "lower", lower.value()));
        } else if (op instanceof CellOp.Change<Value> change) {
            change.adds().forEach(element -> cells.add(new CellChange(column, "insert", element)));
            change.removes().keySet().forEach(element -> cells.add(new CellChange(column, "remove", element)));
        } else if (op instanceof CellOp.Trade<Value> trade) {
            trade.byLife().values().forEach(rights -> describe(column, rights, cells));
        }
    }

    private static void describe(String column, RightsChange rights, List<CellChange> cells) {
        if (rights.made() > 0) {
            cells.add(new CellChange(column, "add", Value.of(rights.made())));
        }
        if (rights.spent() > 0) {
            cells.add(new CellChange(column, "spend", Value.of(rights.spent())));
        }
        rights.given().values().forEach(amount -> cells.add(new CellChange(column, "give", Value.of(amount))));
    }

    /** The log is complete if it holds every change set of every origin. */
    private boolean isComplete() {
        return db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_origin AS o"
                        + " WHERE o.seq > (SELECT count(*) FROM _ab_log AS l WHERE l.origin = o.id))")
                == 0;
    }
}
