// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.VersionVector;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One existence of a row, from an insert to the deletes that end it. Cells belong to a life, so a row that is deleted
 * and inserted again starts empty with nothing to reset. Immutable; a cell keeps one state per kind of operation.
 *
 * @param id the dot of the insert
 * @param rank of the insert
 * @param live what keeps it alive: the insert's dot, replaced by those of edits that named it
 * @param supersedes the lives that the insert saw; they do not show while this one is alive
 * @param registers what puts wrote
 * @param cells what operations of all other kinds left; none that is empty
 */
public record Life<K extends Comparable<K>, V extends Comparable<V>>(
        Dot id,
        long rank,
        DeletePolicy policy,
        SortedSet<Dot> live,
        SortedSet<Dot> supersedes,
        SortedMap<K, LwwRegister<V>> registers,
        SortedMap<CellName<K>, Cell<V>> cells) {

    public boolean isAlive() {
        return !live.isEmpty();
    }

    /** Returns the state of a cell under one kind of operation; null if none of that kind wrote it. */
    public @Nullable Cell<V> cell(K key, CellKind kind) {
        return cells.isEmpty() ? null : cells.get(new CellName<>(key, kind));
    }

    /** Returns whether an operation of any kind has left something in a cell. */
    public boolean isWritten(K key) {
        boolean isWritten = registers.containsKey(key);
        for (CellName<K> name : cells.keySet()) {
            isWritten |= name.key().equals(key);
        }
        return isWritten;
    }

    /** Returns whether nothing may ever be remembered of this life. */
    boolean isForgotten() {
        return !isAlive() && policy == DeletePolicy.DELETE_WINS;
    }

    Life<K, V> withLive(SortedSet<Dot> next) {
        return new Life<>(id, rank, policy, next, supersedes, registers, cells);
    }

    /** Returns this life with other values in its registers, by column. */
    public Life<K, V> withValues(BiFunction<K, LwwRegister<V>, V> values) {
        TreeMap<K, LwwRegister<V>> next = new TreeMap<>(registers);
        next.replaceAll(
                (key, register) -> new LwwRegister<>(register.dot(), register.rank(), values.apply(key, register)));
        return new Life<>(id, rank, policy, live, supersedes, next, cells);
    }

    /** Returns this life without the dots named, or itself if it has none of them. */
    Life<K, V> without(SortedSet<Dot> removed) {
        TreeSet<Dot> next = new TreeSet<>(live);
        return next.removeAll(removed) ? withLive(next) : this;
    }

    /** @param isTarget whether the operations write here; if not, only what they name is taken away */
    Life<K, V> apply(Dot dot, boolean isTarget, SortedMap<K, CellOp<V>> ops) {
        if (ops.isEmpty()) {
            return this;
        }
        TreeMap<K, LwwRegister<V>> nextRegisters = new TreeMap<>(registers);
        TreeMap<CellName<K>, Cell<V>> nextCells = new TreeMap<>(cells);
        ops.forEach((key, op) -> {
            if (!(op instanceof CellOp.Put<V> put)) {
                nextCells.compute(
                        new CellName<>(key, op.kind()), (name, cell) -> Cell.apply(cell, dot, id, isTarget, op));
            } else if (isTarget && !RowLives.isAbsurd(put.rank())) {
                nextRegisters.merge(key, new LwwRegister<>(dot, put.rank(), put.value()), LwwRegister::merge);
            }
        });
        return new Life<>(id, rank, policy, live, supersedes, nextRegisters, nextCells);
    }

    /** Returns this life with the cells of {@code other}, another state of the same life, and with {@code live}. */
    Life<K, V> join(@Nullable Life<K, V> other, SortedSet<Dot> joinedLive, VersionVector here, VersionVector there) {
        if (other == null) {
            return withLive(joinedLive);
        }
        TreeMap<K, LwwRegister<V>> nextRegisters = new TreeMap<>(registers);
        other.registers.forEach((key, register) -> nextRegisters.merge(key, register, LwwRegister::merge));
        return new Life<>(id, rank, policy, joinedLive, supersedes, nextRegisters, joinCells(other.cells, here, there));
    }

    /** What only one side has may have been removed at the other, so that too is joined, with what is empty. */
    private SortedMap<CellName<K>, Cell<V>> joinCells(
            SortedMap<CellName<K>, Cell<V>> others, VersionVector here, VersionVector there) {
        TreeSet<CellName<K>> names = new TreeSet<>(cells.keySet());
        names.addAll(others.keySet());
        TreeMap<CellName<K>, Cell<V>> next = new TreeMap<>();
        for (CellName<K> name : names) {
            Cell<V> mine = cells.get(name);
            Cell<V> theirs = others.get(name);
            Cell<V> joined = mine == null
                    ? Cell.joinMissing(theirs, here)
                    : theirs == null ? Cell.joinMissing(mine, there) : mine.join(theirs, here, there);
            if (joined != null && !joined.isEmpty()) {
                next.put(name, joined);
            }
        }
        return next;
    }
}
