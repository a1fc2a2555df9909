// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The clock of one replica, with a dial. Thread-safe.
 *
 * <p>The triggers that capture writes ask SQLite for the time, and nobody can dial that; the engine takes the earlier of that
 * and of this clock. So the lab lives in the past, further back than any dial goes, and {@link #shown} brings its times to
 * the present again.
 */
public final class LabClock implements LongSupplier {
    public static final int MOST_YEARS = 10;

    private static final Duration PAST = Duration.ofDays(366L * (MOST_YEARS + 1));

    private volatile Duration offset = Duration.ZERO;

    @Override
    public long getAsLong() {
        return System.currentTimeMillis() - PAST.toMillis() + offset.toMillis();
    }

    /** Returns the clock of who is right, as the relay is. */
    static Clock right() {
        return Clock.offset(Clock.systemUTC(), PAST.negated());
    }

    /** Returns a time of the lab as people are shown it. */
    public static Instant shown(Instant time) {
        return time.plus(PAST);
    }

    /** Returns how wrong this clock is. */
    public Duration offset() {
        return offset;
    }

    /** Sets how wrong this clock is: ten years at most, either way. */
    public void dial(Duration to) {
        if (to.abs().compareTo(Duration.ofDays(366L * MOST_YEARS)) > 0) {
            throw new IllegalArgumentException("more than " + MOST_YEARS + " years: " + to);
        }
        offset = to;
    }
}
