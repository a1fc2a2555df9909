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
import java.util.TreeMap;
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

    RowCells.View view() {
        Set<Dot> shown = shown();
        RowCells.View view = new RowCells.View(!shown.isEmpty(), new TreeMap<>());
        LwwRegister<String> x = null;
        long n = 0;
        long grown = 0;
        long stock = 0;
        List<String> max = new ArrayList<>();
        List<String> min = new ArrayList<>();
        List<String> values = new ArrayList<>();
        List<String> set = new ArrayList<>();
        Map<Origin, Long> rights = new TreeMap<>();
        for (Entry entry : entries) {
            Map<String, CellOp<String>> cells = cellsOf(entry.op());
            if (cells.get("stock") instanceof CellOp.Trade<String> trade) {
                for (Map.Entry<Dot, RightsChange> change : trade.byLife().entrySet()) {
                    if (shown.contains(change.getKey())) {
                        stock += change.getValue().made() - change.getValue().spent();
                        count(entry.op().dot().origin(), change.getValue(), rights);
                    }
                }
            }
            if (!shown.contains(target(entry.op()))) {
                continue;
            }
            if (cells.get("x") instanceof CellOp.Put<String> put) {
                LwwRegister<String> written = new LwwRegister<>(entry.op().dot(), put.rank(), put.value());
                x = x == null ? written : x.merge(written);
            }
            n += cells.get("n") instanceof CellOp.Add<String> add ? add.amount() : 0;
            grown += cells.get("grown") instanceof CellOp.Grow<String> grow ? grow.amount() : 0;
            if (cells.get("max") instanceof CellOp.Raise<String> raise) {
                max.add(raise.value());
            }
            if (cells.get("min") instanceof CellOp.Lower<String> lower) {
                min.add(lower.value());
            }
            if (cells.get("values") instanceof CellOp.Replace<String> replace && !isReplaced(entry)) {
                values.add(replace.value());
            }
            if (cells.get("set") instanceof CellOp.Change<String> change) {
                change.adds().stream()
                        .filter(element -> !isRemoved(entry, element))
                        .forEach(set::add);
            }
        }
        if (stock < 0) {
            throw new AssertionError("below the minimum: " + entries);
        }
        view.put("x", x == null ? null : x.value());
        view.number("n", BigInteger.valueOf(n));
        view.number("grown", BigInteger.valueOf(grown));
        view.put("max", max.stream().max(Comparator.naturalOrder()).orElse(null));
        view.put("min", min.stream().min(Comparator.naturalOrder()).orElse(null));
        view.all("values", values);
        view.all("set", set);
        view.number("stock", BigInteger.valueOf(stock));
        rights.forEach((origin, amount) -> view.number("rights of " + origin.low(), BigInteger.valueOf(amount)));
        return view;
    }

    private static void count(Origin origin, RightsChange change, Map<Origin, Long> rights) {
        rights.merge(origin, change.made() - change.spent(), Long::sum);
        change.given().forEach((to, amount) -> {
            rights.merge(origin, -amount, Long::sum);
            rights.merge(to, amount, Long::sum);
        });
    }

    /** A value is replaced by whoever saw it and wrote the cell of a row that showed its life. */
    private boolean isReplaced(Entry written) {
        return entries.stream()
                .anyMatch(later -> sawInItsLife(later, written)
                        && cellsOf(later.op()).get("values") instanceof CellOp.Replace<String>);
    }

    private boolean isRemoved(Entry added, String element) {
        return entries.stream()
                .anyMatch(later -> sawInItsLife(later, added)
                        && cellsOf(later.op()).get("set") instanceof CellOp.Change<String> change
                        && (change.adds().contains(element) || change.removes().containsKey(element)));
    }

    private static boolean sawInItsLife(Entry later, Entry earlier) {
        return later.saw(earlier.op().dot())
                && later.op() instanceof RowOp.Edit<String, String> edit
                && edit.touches().stream().anyMatch(touch -> touch.life().equals(target(earlier.op())));
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
