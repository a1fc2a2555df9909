// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.trie.HashTrie;
import java.math.BigInteger;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A counter that any replica may raise or lower while offline.
 *
 * <p>Each origin totals what it added and what it removed. Totals only grow and only their owner writes them, so merging
 * takes the larger of each; the value is all added less all removed.
 *
 * <p>State: one tally per origin that ever wrote; O(origins), never shrinks. Immutable. Adding costs O(log origins). Equal counters hold equal
 * tallies, which is stronger than showing the same {@link #value()}.
 *
 * <p>Source: Shapiro et al., INRIA RR-7506, 2011, section 3.1.3.
 */
public final class PnCounter implements Crdt<PnCounter> {
    public static final PnCounter ZERO = new PnCounter(HashTrie.empty());

    /** None is empty. */
    private final HashTrie<Origin, Tally> tallies;

    private PnCounter(HashTrie<Origin, Tally> tallies) {
        this.tallies = tallies;
    }

    /** Returns the counter of these tallies. Empty tallies are dropped, so that equal counters are equal. */
    public static PnCounter of(Map<Origin, Tally> tallies) {
        HashTrie<Origin, Tally> copy = HashTrie.empty();
        for (Map.Entry<Origin, Tally> entry : tallies.entrySet()) {
            if (!entry.getValue().equals(Tally.NONE)) {
                copy = copy.with(entry.getKey(), entry.getValue());
            }
        }
        return copy.isEmpty() ? ZERO : new PnCounter(copy);
    }

    public static Codec<PnCounter> codec() {
        return PnCounterCodec.INSTANCE;
    }

    /**
     * Returns this counter after {@code self} adds {@code amount}, which may be negative.
     *
     * @throws ArithmeticException if the total of {@code self} would pass 2^63 - 1; see {@link #canAdd}
     */
    public PnCounter add(Origin self, long amount) {
        if (amount == 0) {
            return this;
        }
        return new PnCounter(tallies.with(self, tally(self).plus(amount)));
    }

    /** Returns the least counter that, merged into this one, gives {@link #add}. */
    public PnCounter addDelta(Origin self, long amount) {
        return amount == 0 ? ZERO : new PnCounter(HashTrie.of(self, tally(self).plus(amount)));
    }

    /** Returns whether {@link #add} would succeed. */
    public boolean canAdd(Origin self, long amount) {
        Tally tally = tally(self);
        return amount >= 0
                ? amount <= Long.MAX_VALUE - tally.added
                : amount != Long.MIN_VALUE && -amount <= Long.MAX_VALUE - tally.removed;
    }

    @Override
    public PnCounter merge(PnCounter other) {
        HashTrie<Origin, Tally> merged = tallies.merge(other.tallies, Tally::max);
        return merged == tallies ? this : new PnCounter(merged);
    }

    /** Returns all added less all removed, exactly: the sum over many origins may pass 64 bits. */
    public BigInteger value() {
        Sum sum = new Sum();
        tallies.forEach(sum);
        return sum.value();
    }

    /** Adds in 64 bits for as long as they suffice. */
    private static final class Sum implements BiConsumer<Origin, Tally> {
        private BigInteger high = BigInteger.ZERO;
        private long low;

        @Override
        public void accept(Origin origin, Tally tally) {
            long each = tally.added - tally.removed; // Neither is negative, so this cannot overflow.
            long next = low + each;
            if (((low ^ next) & (each ^ next)) < 0) {
                high = high.add(BigInteger.valueOf(low));
                next = each;
            }
            low = next;
        }

        BigInteger value() {
            return high.add(BigInteger.valueOf(low));
        }
    }

    /** Returns a copy, sorted by origin, without empty tallies. */
    public SortedMap<Origin, Tally> tallies() {
        TreeMap<Origin, Tally> sorted = new TreeMap<>();
        tallies.forEach(sorted::put);
        return Collections.unmodifiableSortedMap(sorted);
    }

    private Tally tally(Origin origin) {
        Tally tally = tallies.get(origin);
        return tally == null ? Tally.NONE : tally;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PnCounter that && tallies.equals(that.tallies);
    }

    @Override
    public int hashCode() {
        return tallies.hashCode();
    }

    @Override
    public String toString() {
        return value() + tallies().toString();
    }

    /** What one origin has added and removed so far. Neither is negative; neither ever falls. */
    public record Tally(long added, long removed) {
        static final Tally NONE = new Tally(0, 0);

        public Tally {
            if (added < 0 || removed < 0) {
                throw new IllegalArgumentException("a tally below 0: " + added + ", " + removed);
            }
        }

        Tally plus(long amount) {
            return amount >= 0
                    ? new Tally(Math.addExact(added, amount), removed)
                    : new Tally(added, Math.addExact(removed, Math.negateExact(amount)));
        }

        static Tally max(Tally a, Tally b) {
            if (a.added >= b.added && a.removed >= b.removed) {
                return a;
            }
            return new Tally(Math.max(a.added, b.added), Math.max(a.removed, b.removed));
        }
    }
}
