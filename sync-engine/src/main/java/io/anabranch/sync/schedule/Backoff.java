// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.schedule;

import java.time.Duration;
import java.util.Random;

/**
 * How long to wait before the next try: a random time up to a ceiling that doubles with each failure, so that clients of a
 * relay that was gone do not all return at once. Immutable.
 *
 * <p>Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 (full jitter).
 */
public record Backoff(Duration first, Duration cap) {
    private static final int MAX_DOUBLINGS = 30;

    /** Half a second at first, five minutes at most. */
    public static final Backoff DEFAULT = new Backoff(Duration.ofMillis(500), Duration.ofMinutes(5));

    public Backoff {
        if (first.isNegative() || first.isZero() || cap.compareTo(first) < 0) {
            throw new IllegalArgumentException("not 0 < first <= cap: " + first + ", " + cap);
        }
    }

    /** Returns the pause after {@code failures} failures in a row, at least one. */
    public Duration after(int failures, Random random) {
        if (failures < 1) {
            throw new IllegalArgumentException("failures < 1: " + failures);
        }
        long factor = 1L << Math.min(failures - 1, MAX_DOUBLINGS);
        long ceiling = Math.min(cap.toMillis(), first.toMillis() * factor);
        return Duration.ofMillis(1 + (long) (random.nextDouble() * ceiling));
    }
}
