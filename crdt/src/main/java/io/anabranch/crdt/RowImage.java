// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import java.math.BigInteger;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** All that a row shows, as what a new life of it begins with. */
final class RowImage {
    private RowImage() {}

    /** Returns a life as it would be if it showed. */
    static <K extends Comparable<K>, V extends Comparable<V>> Life<K, V> shown(Life<K, V> life) {
        TreeSet<Dot> alive = new TreeSet<>(List.of(life.id()));
        return new Life<>(
                life.id(), life.rank(), life.policy(), alive, new TreeSet<>(), life.registers(), life.cells());
    }

    /** Returns the rank of a life that begins with these cells. */
    static <K, V> long rank(SortedMap<K, CellOp<V>> cells) {
        long highest = 0;
        for (CellOp<V> cell : cells.values()) {
            highest = cell instanceof CellOp.Put<V> put ? Math.max(highest, put.rank()) : highest;
        }
        return highest;
    }

    /** Returns what writes all that a row shows. Of siblings, the latest; of rights, none: they cannot be copied. */
    static <K extends Comparable<K>, V extends Comparable<V>> SortedMap<K, CellOp<V>> of(RowLives<K, V> row) {
        TreeMap<K, CellOp<V>> ops = new TreeMap<>();
        for (Life<K, V> life : row.lives()) {
            for (K key : life.registers().keySet()) {
                LwwRegister<V> register = row.register(key);
                if (register != null) {
                    ops.put(key, new CellOp.Put<>(register.rank(), register.value(), null));
                }
            }
            for (CellName<K> name : life.cells().keySet()) {
                CellOp<V> op = op(row, name);
                if (op != null) {
                    ops.putIfAbsent(name.key(), op);
                }
            }
        }
        return ops;
    }

    private static <K extends Comparable<K>, V extends Comparable<V>> @Nullable CellOp<V> op(
            RowLives<K, V> row, CellName<K> name) {
        K key = name.key();
        switch (name.kind()) {
            case COUNTER:
                return new CellOp.Add<>(clamp(row.counter(key)));
            case GROWTH:
                return new CellOp.Grow<>(clamp(row.growth(key)));
            case MAX:
                V highest = row.max(key);
                return highest == null ? null : new CellOp.Raise<>(highest);
            case MIN:
                V lowest = row.min(key);
                return lowest == null ? null : new CellOp.Lower<>(lowest);
            case SIBLINGS:
                LwwRegister<V> latest = row.latest(key);
                return latest == null ? null : new CellOp.Replace<>(latest.rank(), latest.value(), new TreeSet<>());
            case SET:
                return new CellOp.Change<>(new TreeSet<>(row.elements(key).keySet()), new TreeMap<>());
            default:
                return null;
        }
    }

    private static long clamp(BigInteger value) {
        return value.min(BigInteger.valueOf(Long.MAX_VALUE))
                .max(BigInteger.valueOf(-Long.MAX_VALUE))
                .longValue();
    }
}
