// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

/**
 * A hybrid logical clock reading: 48 bits of milliseconds since 1970 and 16 bits of counter in one long, so that it
 * compares as a number everywhere, in SQL too.
 *
 * <p>Two uses are kept apart. A <em>stamp</em> says when something was written. A <em>rank</em> orders concurrent
 * writes of one register: {@link #rank} makes a write that saw a value rank above it, whatever any clock says.
 *
 * <p>Source: Kulkarni et al., "Logical Physical Clocks", OPODIS 2014. Immutable.
 */
public record HybridTime(long bits) implements Comparable<HybridTime> {
    public static final HybridTime ZERO = new HybridTime(0);

    /** How far ahead of its own clock a reader lets a foreign stamp pull it: 5 minutes. */
    public static final long MAX_DRIFT_MILLIS = 5 * 60 * 1000;

    /** Stamps from here on are void, for everyone alike: too near overflow. */
    public static final long ABSURD_STAMP = 1L << 62;

    /** Ranks from here on are void, for everyone alike: too near overflow. */
    public static final long ABSURD_RANK = Long.MAX_VALUE - (1L << 32) + 1;

    private static final int COUNTER_BITS = 16;

    public HybridTime {
        if (bits < 0) {
            throw new IllegalArgumentException("bits < 0: " + bits);
        }
    }

    public static HybridTime of(long millis, int counter) {
        if (millis < 0 || millis >= 1L << 47) {
            throw new IllegalArgumentException("millis outside 0..2^47: " + millis);
        }
        if (counter < 0 || counter >= 1 << COUNTER_BITS) {
            throw new IllegalArgumentException("counter outside 0..65535: " + counter);
        }
        return new HybridTime(millis << COUNTER_BITS | counter);
    }

    /** Returns the reading at {@code millis}, held inside what a stamp can say. */
    public static HybridTime atMillis(long millis) {
        return of(Math.max(0, Math.min(millis, (ABSURD_STAMP >> COUNTER_BITS) - 1)), 0);
    }

    /** Returns a stamp above this one and not before {@code nowMillis}: what a writer uses next. */
    public HybridTime tick(long nowMillis) {
        return new HybridTime(Math.max(bits + 1, atMillis(nowMillis).bits));
    }

    /**
     * Returns this clock after it saw {@code remote}. A stamp more than {@link #MAX_DRIFT_MILLIS} ahead of {@code
     * nowMillis} moves it by no more than that: one wrong clock must not move everybody's.
     */
    public HybridTime observe(HybridTime remote, long nowMillis) {
        long ceiling = atMillis(nowMillis + MAX_DRIFT_MILLIS).bits;
        return new HybridTime(Math.max(bits, Math.min(remote.bits, ceiling)));
    }

    /** Returns whether a reader at {@code nowMillis} should report this stamp as coming from a wrong clock. */
    public boolean isAheadOf(long nowMillis) {
        return bits > atMillis(nowMillis + MAX_DRIFT_MILLIS).bits;
    }

    /** Returns the rank of a write stamped {@code stamp} that replaces a value of rank {@code seenRank}. */
    public static long rank(long stamp, long seenRank) {
        return Math.max(stamp, seenRank + 1);
    }

    public long millis() {
        return bits >>> COUNTER_BITS;
    }

    public int counter() {
        return (int) (bits & 0xffff);
    }

    @Override
    public int compareTo(HybridTime other) {
        return Long.compare(bits, other.bits);
    }

    /** Returns {@code millis.counter}. */
    @Override
    public String toString() {
        return millis() + "." + counter();
    }
}
