// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import java.math.BigInteger;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A counter that any replica may raise or lower while offline.
 *
 * <p>Each origin totals what it added and what it removed. Totals only grow and only their owner writes them, so merging
 * takes the larger of each; the value is all added less all removed.
 *
 * <p>State: one tally per origin that ever wrote, sorted by origin; never shrinks. Immutable. Equal counters hold equal
 * tallies, which is stronger than showing the same {@link #value()}.
 *
 * <p>Source: Shapiro et al., INRIA RR-7506, 2011, section 3.1.3.
 */
public final class PnCounter implements Crdt<PnCounter> {
    public static final PnCounter ZERO = new PnCounter(new TreeMap<>());

    private final SortedMap<Origin, Tally> tallies;

    private PnCounter(SortedMap<Origin, Tally> tallies) {
        this.tallies = tallies;
    }

    /** Returns the counter of these tallies. Empty tallies are dropped, so that equal counters are equal. */
    public static PnCounter of(Map<Origin, Tally> tallies) {
        TreeMap<Origin, Tally> copy = new TreeMap<>(tallies);
        copy.values().removeIf(Tally.NONE::equals);
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
        TreeMap<Origin, Tally> next = new TreeMap<>(tallies);
        next.put(self, tally(self).plus(amount));
        return new PnCounter(next);
    }

    /** Returns the least counter that, merged into this one, gives {@link #add}. */
    public PnCounter addDelta(Origin self, long amount) {
        Tally next = tally(self).plus(amount);
        return of(Map.of(self, next));
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
        if (tallies.isEmpty() || this == other) {
            return other;
        }
        TreeMap<Origin, Tally> next = new TreeMap<>(tallies);
        other.tallies.forEach((origin, tally) -> next.merge(origin, tally, Tally::max));
        return new PnCounter(next);
    }

    /** Returns all added less all removed, exactly: the sum over many origins may pass 64 bits. */
    public BigInteger value() {
        long sum = 0;
        for (Tally tally : tallies.values()) {
            long each = tally.added - tally.removed; // Neither is negative, so this cannot overflow.
            long next = sum + each;
            if (((sum ^ next) & (each ^ next)) < 0) {
                return exactValue();
            }
            sum = next;
        }
        return BigInteger.valueOf(sum);
    }

    private BigInteger exactValue() {
        BigInteger sum = BigInteger.ZERO;
        for (Tally tally : tallies.values()) {
            sum = sum.add(BigInteger.valueOf(tally.added - tally.removed));
        }
        return sum;
    }

    /** Returns an unmodifiable view, sorted by origin, without empty tallies. */
    public SortedMap<Origin, Tally> tallies() {
        return Collections.unmodifiableSortedMap(tallies);
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
        return value() + tallies.toString();
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
            return new Tally(Math.max(a.added, b.added), Math.max(a.removed, b.removed));
        }
    }
}
