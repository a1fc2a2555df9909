// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.schedule;

import java.time.Duration;

/**
 * How often something may be done: {@code burst} times at once after a pause, and {@code perSecond} times a second for long.
 * Confined to one thread.
 */
public final class Pace {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final double burst;
    private double left;
    private long countedAt;

    public Pace(double perSecond, double burst, long nowNanos) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.left = burst;
        this.countedAt = nowNanos;
    }

    /** Counts one more and returns how long to wait before doing it. */
    public Duration next(long nowNanos) {
        left = Math.min(burst, left + (nowNanos - countedAt) / NANOS_PER_SECOND * perSecond) - 1;
        countedAt = nowNanos;
        return left >= 0 ? Duration.ZERO : Duration.ofNanos((long) (-left / perSecond * NANOS_PER_SECOND));
    }
}
