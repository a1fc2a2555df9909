// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which values of one column lost to ones that their writers had not seen, by the definition ({@code RowLosses}): those that do not
 * show, that nobody had seen who wrote that cell or inserted the row later, and whose life of the row is alive, or, where deletes win,
 * that nobody had seen who deleted the row. Knows what each writer had seen from the contexts alone.
 */
final class ConflictModel {
    private final String table;
    private final String column;
    private final DeletePolicy policy;
    private final Map<Origin, VersionVector> seen = new HashMap<>();
    private final Map<String, List<Loser>> open = new TreeMap<>();

    /** By the names that the space knows. */
    ConflictModel(String table, String column, DeletePolicy policy) {
        this.table = table;
        this.column = column;
        this.policy = policy;
    }

    String table() {
        return table;
    }

    /** Notes what the writer of a change set had seen. To be called for each, before {@link #apply}, causes first. */
    void note(ChangeSetHeader header) {
        VersionVector context = seen.getOrDefault(header.origin(), VersionVector.EMPTY);
        for (ContextEntry entry : header.context()) {
            context = context.with(entry.origin(), entry.seq());
        }
        seen.put(header.origin(), context.with(header.origin(), header.seq()));
    }

    /** Takes an operation on a row. */
    void apply(Dot dot, String table, String key, RowOp<String, Value> op) {
        if (!table.equals(this.table)) {
            return;
        }
        VersionVector seenByWriter = seen.getOrDefault(dot.origin(), VersionVector.EMPTY);
        CellOp<Value> cell = cell(op);
        List<Loser> losers = open.computeIfAbsent(key, any -> new ArrayList<>());
        boolean decides =
                op instanceof RowOp.Insert || op instanceof RowOp.Delete && policy == DeletePolicy.DELETE_WINS;
        if (cell != null || decides) {
            losers.removeIf(loser -> seenByWriter.contains(loser.dot));
        }
        if (cell instanceof CellOp.Put<Value> put) {
            losers.add(new Loser(life(op), dot, put.value()));
        }
    }

    private static Dot life(RowOp<String, Value> op) {
        return op instanceof RowOp.Edit<String, Value> edit
                ? edit.touches().get(0).life()
                : op.dot();
    }

    private @Nullable CellOp<Value> cell(RowOp<String, Value> op) {
        if (op instanceof RowOp.Insert<String, Value> insert) {
            return insert.cells().get(column);
        }
        return op instanceof RowOp.Edit<String, Value> edit ? edit.cells().get(column) : null;
    }

    /** Throws if {@code replica} lists others, where {@code rows} are those of the table. */
    void compare(Checks checks, SimulatedReplica replica, Map<String, RowLives<String, Value>> rows) {
        TreeSet<String> expected = new TreeSet<>();
        open.forEach((key, losers) -> {
            RowLives<String, Value> row = rows.getOrDefault(key, RowLives.none());
            LwwRegister<Value> shown = row.register(column);
            for (Loser loser : losers) {
                if (isOpen(row, loser) && (shown == null || !loser.value.equals(shown.value()))) {
                    expected.add(key + " " + loser.value);
                }
            }
        });
        TreeSet<String> listed = new TreeSet<>();
        LocalSchema schema = replica.schema();
        String local = schema.column(table, column);
        for (Conflict conflict : replica.replica().conflicts(schema.table(table))) {
            if (conflict.kind() == Conflict.Kind.VALUE && local.equals(conflict.column())) {
                String key = conflict.key().stream().map(Value::toString).collect(Collectors.joining("|"));
                listed.add(key + " " + conflict.lost().value());
            }
        }
        checks.that(
                Oracle.CONFLICTS_ARE_COMPLETE_AND_NONE_IS_FALSE,
                listed.equals(expected),
                () -> replica + " lists as lost from " + table + "." + column + " " + listed + " instead of "
                        + expected);
    }

    private boolean isOpen(RowLives<String, Value> row, Loser loser) {
        Life<String, Value> life = row.life(loser.life);
        return policy == DeletePolicy.DELETE_WINS || life != null && life.isAlive();
    }

    private record Loser(Dot life, Dot dot, Value value) {}
}
