// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One existence of a row, from an insert to the deletes that end it. Cells belong to a life, so a row that is deleted
 * and inserted again starts empty with nothing to reset. Immutable; a cell keeps one state per kind of operation.
 *
 * @param id the dot of the insert
 * @param rank of the insert
 * @param live what keeps it alive: the insert's dot, replaced by those of edits that named it
 * @param supersedes the lives that the insert saw; they do not show while this one is alive
 */
public record Life<K extends Comparable<K>, V>(
        Dot id,
        long rank,
        DeletePolicy policy,
        SortedSet<Dot> live,
        SortedSet<Dot> supersedes,
        SortedMap<K, LwwRegister<V>> registers,
        SortedMap<K, PnCounter> counters) {

    public boolean isAlive() {
        return !live.isEmpty();
    }

    /** Returns whether nothing may ever be remembered of this life. */
    boolean isForgotten() {
        return !isAlive() && policy == DeletePolicy.DELETE_WINS;
    }

    Life<K, V> withLive(SortedSet<Dot> next) {
        return new Life<>(id, rank, policy, next, supersedes, registers, counters);
    }

    /** Returns this life without the dots named, or itself if it has none of them. */
    Life<K, V> without(SortedSet<Dot> removed) {
        TreeSet<Dot> next = new TreeSet<>(live);
        return next.removeAll(removed) ? withLive(next) : this;
    }

    Life<K, V> apply(Dot dot, SortedMap<K, CellOp<V>> ops) {
        if (ops.isEmpty()) {
            return this;
        }
        TreeMap<K, LwwRegister<V>> nextRegisters = new TreeMap<>(registers);
        TreeMap<K, PnCounter> nextCounters = new TreeMap<>(counters);
        ops.forEach((key, op) -> {
            if (op instanceof CellOp.Put<V> put) {
                if (!RowLives.isAbsurd(put.rank())) {
                    nextRegisters.merge(key, new LwwRegister<>(dot, put.rank(), put.value()), LwwRegister::merge);
                }
            } else if (op instanceof CellOp.Add<V> add) {
                PnCounter counter = nextCounters.getOrDefault(key, PnCounter.ZERO);
                // A total that would overflow leaves the operation void. One origin's operations arrive in one order
                // everywhere, so everywhere the same ones are.
                if (counter.canAdd(dot.origin(), add.amount())) {
                    nextCounters.put(key, counter.add(dot.origin(), add.amount()));
                }
            }
        });
        return new Life<>(id, rank, policy, live, supersedes, nextRegisters, nextCounters);
    }

    /** Returns this life with the cells of {@code other}, another state of the same life, and with {@code live}. */
    Life<K, V> join(@Nullable Life<K, V> other, SortedSet<Dot> joinedLive) {
        if (other == null) {
            return withLive(joinedLive);
        }
        TreeMap<K, LwwRegister<V>> nextRegisters = new TreeMap<>(registers);
        other.registers.forEach((key, register) -> nextRegisters.merge(key, register, LwwRegister::merge));
        TreeMap<K, PnCounter> nextCounters = new TreeMap<>(counters);
        other.counters.forEach((key, counter) -> nextCounters.merge(key, counter, PnCounter::merge));
        return new Life<>(id, rank, policy, joinedLive, supersedes, nextRegisters, nextCounters);
    }
}
