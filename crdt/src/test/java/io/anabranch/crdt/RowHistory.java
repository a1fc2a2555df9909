// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one row should show, computed from who had seen what. It reads contexts, which the implementation never does, and
 * knows nothing of live dots, joins or forgetting. Immutable.
 */
record RowHistory(List<Entry> entries) {
    static final RowHistory EMPTY = new RowHistory(List.of());

    /** One operation, and everything that its writer had. */
    record Entry(RowOp<String, String> op, VersionVector context) {
        boolean saw(Dot dot) {
            return context.contains(dot);
        }
    }

    /** What a reader sees: the register {@code x} and the counter {@code n}. */
    record View(boolean shown, @Nullable String x, BigInteger n) {
        static View of(RowLives<String, String> row) {
            LwwRegister<String> x = row.register("x");
            return new View(row.isShown(), x == null ? null : x.value(), row.counter("n"));
        }
    }

    RowHistory with(RowOp<String, String> op, VersionVector context) {
        List<Entry> next = new ArrayList<>(entries);
        next.add(new Entry(op, context));
        return new RowHistory(next);
    }

    RowHistory upTo(VersionVector vector) {
        return new RowHistory(entries.stream()
                .filter(entry -> vector.contains(entry.op().dot()))
                .toList());
    }

    View view() {
        Set<Dot> shown = shown();
        LwwRegister<String> x = null;
        BigInteger n = BigInteger.ZERO;
        for (Entry entry : entries) {
            Map<String, CellOp<String>> cells = cellsOf(entry.op());
            if (shown.contains(target(entry.op()))) {
                if (cells.get("x") instanceof CellOp.Put<String> put) {
                    LwwRegister<String> written = new LwwRegister<>(entry.op().dot(), put.rank(), put.value());
                    x = x == null ? written : x.merge(written);
                }
                if (cells.get("n") instanceof CellOp.Add<String> add) {
                    n = n.add(BigInteger.valueOf(add.amount()));
                }
            }
        }
        return new View(!shown.isEmpty(), x == null ? null : x.value(), n);
    }

    /** Alive lives of which no other alive life's insert had seen the insert. */
    Set<Dot> shown() {
        Map<Dot, Entry> alive = new HashMap<>();
        for (Entry entry : entries) {
            if (entry.op() instanceof RowOp.Insert<String, String> insert && isAlive(insert)) {
                alive.put(insert.dot(), entry);
            }
        }
        Set<Dot> shown = new HashSet<>(alive.keySet());
        alive.values()
                .forEach(entry -> shown.removeIf(life -> !life.equals(entry.op().dot()) && entry.saw(life)));
        return shown;
    }

    /** A life is alive while something that keeps it was seen by no delete: its insert or, if edits win, an edit of it. */
    private boolean isAlive(RowOp.Insert<String, String> insert) {
        for (Entry entry : entries) {
            if (keeps(entry.op(), insert)
                    && entries.stream()
                            .noneMatch(other -> other.op() instanceof RowOp.Delete<?, ?>
                                    && other.saw(entry.op().dot()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean keeps(RowOp<String, String> op, RowOp.Insert<String, String> insert) {
        if (op instanceof RowOp.Edit<String, String> edit) {
            return insert.policy() == DeletePolicy.EDIT_WINS
                    && edit.touches().stream().anyMatch(touch -> touch.life().equals(insert.dot()));
        }
        return op.dot().equals(insert.dot());
    }

    private static Map<String, CellOp<String>> cellsOf(RowOp<String, String> op) {
        if (op instanceof RowOp.Insert<String, String> insert) {
            return insert.cells();
        }
        return op instanceof RowOp.Edit<String, String> edit ? edit.cells() : Map.of();
    }

    private static @Nullable Dot target(RowOp<String, String> op) {
        if (op instanceof RowOp.Insert<String, String> insert) {
            return insert.dot();
        }
        return op instanceof RowOp.Edit<String, String> edit
                ? edit.touches().get(0).life()
                : null;
    }

    /** Returns the operations that {@code vector} lacks, in an order that respects causality. */
    List<Entry> missing(VersionVector vector) {
        return entries.stream()
                .filter(entry -> !vector.contains(entry.op().dot()))
                .sorted(Comparator.comparingLong(entry -> entry.context().countMinus(VersionVector.EMPTY)))
                .toList();
    }

    static Origin origin(int replica) {
        return Origin.of(0, replica + 1);
    }
}
