// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.CellOp;
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
import org.jspecify.annotations.Nullable;

/**
 * Which titles of items lost to ones that their writers had not seen, by the definition ({@code RowLosses}): those that do not show,
 * that nobody had seen who wrote that cell or inserted the row later, and whose life of the row is alive. Knows what each writer had
 * seen from the contexts alone. All titles differ, so a value names a write.
 */
final class ConflictModel {
    private static final String TABLE = "item";
    private static final String COLUMN = "title";

    private final Map<Origin, VersionVector> seen = new HashMap<>();
    private final Map<String, List<Loser>> open = new TreeMap<>();

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
        if (!table.equals(TABLE)) {
            return;
        }
        VersionVector seenByWriter = seen.getOrDefault(dot.origin(), VersionVector.EMPTY);
        CellOp<Value> cell = cell(op);
        List<Loser> losers = open.computeIfAbsent(key, any -> new ArrayList<>());
        if (cell != null || op instanceof RowOp.Insert) {
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

    private static @Nullable CellOp<Value> cell(RowOp<String, Value> op) {
        if (op instanceof RowOp.Insert<String, Value> insert) {
            return insert.cells().get(COLUMN);
        }
        return op instanceof RowOp.Edit<String, Value> edit ? edit.cells().get(COLUMN) : null;
    }

    /** Throws if {@code replica} lists others, where {@code rows} are those of the table. */
    void compare(Checks checks, SimulatedReplica replica, Map<String, RowLives<String, Value>> rows) {
        TreeSet<String> expected = new TreeSet<>();
        open.forEach((key, losers) -> {
            RowLives<String, Value> row = rows.getOrDefault(key, RowLives.none());
            LwwRegister<Value> shown = row.register(COLUMN);
            for (Loser loser : losers) {
                Life<String, Value> life = row.life(loser.life);
                if (life != null && life.isAlive() && (shown == null || !loser.value.equals(shown.value()))) {
                    expected.add(key + " " + loser.value);
                }
            }
        });
        TreeSet<String> listed = new TreeSet<>();
        String title = replica.schema().column(TABLE, COLUMN);
        for (Conflict conflict : replica.replica().conflicts(TABLE)) {
            if (conflict.kind() == Conflict.Kind.VALUE && title.equals(conflict.column())) {
                listed.add(conflict.key().get(0) + " " + conflict.lost().value());
            }
        }
        checks.that(
                Oracle.CONFLICTS_ARE_COMPLETE_AND_NONE_IS_FALSE,
                listed.equals(expected),
                () -> replica + " lists " + listed + " as lost titles instead of " + expected);
    }

    private record Loser(Dot life, Dot dot, Value value) {}
}
