// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns what a writer wants into operations that name what it saw. Confined to one thread. */
final class RowWriter<K extends Comparable<K>, V extends Comparable<V>> {
    private final RowLives<K, V> seen;
    private final Dot dot;
    private final long stamp;

    RowWriter(RowLives<K, V> seen, Dot dot, long stamp) {
        this.seen = seen;
        this.dot = dot;
        this.stamp = stamp;
    }

    /** Returns null if no rank is left above what one of them would replace. */
    @Nullable
    SortedMap<K, CellOp<V>> ops(Map<K, CellWrite<V>> writes) {
        TreeMap<K, CellOp<V>> ops = new TreeMap<>();
        for (Map.Entry<K, CellWrite<V>> entry : writes.entrySet()) {
            CellOp<V> op = op(entry.getKey(), entry.getValue());
            if (op == null) {
                return null;
            }
            ops.put(entry.getKey(), op);
        }
        return ops;
    }

    private @Nullable CellOp<V> op(K key, CellWrite<V> write) {
        if (write instanceof CellWrite.Assign<V> assign) {
            return put(assign.value(), seen.register(key));
        }
        if (write instanceof CellWrite.Increment<V> increment) {
            return new CellOp.Add<>(increment.amount());
        }
        if (write instanceof CellWrite.Grow<V> grow) {
            return new CellOp.Grow<>(grow.amount());
        }
        if (write instanceof CellWrite.Raise<V> raise) {
            return new CellOp.Raise<>(raise.value());
        }
        if (write instanceof CellWrite.Lower<V> lower) {
            return new CellOp.Lower<>(lower.value());
        }
        if (write instanceof CellWrite.Replace<V> replace) {
            return replace(replace.value(), seen.siblings(key));
        }
        if (write instanceof CellWrite.Change<V> change) {
            return change(change, seen.elements(key));
        }
        return trade(key, (CellWrite.Trade<V>) write);
    }

    private CellOp.@Nullable Put<V> put(V value, @Nullable LwwRegister<V> replaced) {
        if (replaced == null) {
            return new CellOp.Put<>(stamp, value, null);
        }
        long rank = HybridTime.rank(stamp, replaced.rank());
        return RowLives.isAbsurd(rank) ? null : new CellOp.Put<>(rank, value, replaced.dot());
    }

    private CellOp.@Nullable Replace<V> replace(V value, List<LwwRegister<V>> siblings) {
        long rank = stamp;
        TreeSet<Dot> dots = new TreeSet<>();
        for (LwwRegister<V> sibling : siblings) {
            rank = HybridTime.rank(rank, sibling.rank());
            dots.add(sibling.dot());
        }
        return RowLives.isAbsurd(rank) && !dots.isEmpty() ? null : new CellOp.Replace<>(rank, value, dots);
    }

    private CellOp.Change<V> change(CellWrite.Change<V> change, SortedMap<V, SortedSet<Dot>> elements) {
        TreeMap<V, SortedSet<Dot>> removes = new TreeMap<>();
        elements.forEach((element, dots) -> {
            if (change.removes().contains(element) || change.adds().contains(element)) {
                removes.put(element, dots);
            }
        });
        return new CellOp.Change<>(new TreeSet<>(change.adds()), removes);
    }

    /** Takes from the lives in which the writer has rights, oldest first; what it makes goes into the oldest of all. */
    private CellOp.Trade<V> trade(K key, CellWrite.Trade<V> trade) {
        List<Life<K, V>> shown = seen.shown();
        TreeMap<Dot, RightsChange> byLife = new TreeMap<>();
        if (trade.amount() > 0) {
            byLife.put(shown.isEmpty() ? dot : shown.get(0).id(), RightsChange.made(trade.amount()));
        }
        RightsPurse purse = new RightsPurse(dot.origin(), byLife);
        for (Life<K, V> life : shown) {
            if (life.cell(key, CellKind.BOUNDED) instanceof Cell.Bounded<V> bounded) {
                purse.add(life.id(), bounded.counter());
            }
        }
        if (trade.amount() < 0) {
            purse.spend(Math.negateExact(trade.amount()));
        }
        trade.gives().forEach(purse::give);
        return new CellOp.Trade<>(byLife);
    }
}
