// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli.bench;

import java.util.Arrays;

/** How long operations of one kind took. Confined to one thread. */
public final class Latencies {
    private static final double NANOS_PER_MILLI = 1e6;

    private long[] nanos = new long[64];
    private int count;

    void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = duration;
    }

    /** The 95th percentile is the smallest duration that 95 of 100 did not exceed. */
    Summary summary() {
        if (count == 0) {
            return new Summary(0, 0, 0);
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        double average = Arrays.stream(sorted).average().orElseThrow();
        long p95 = sorted[(int) Math.ceil(0.95 * count) - 1];
        return new Summary(count, average / NANOS_PER_MILLI, p95 / NANOS_PER_MILLI);
    }

    /** @param count how many there were; the rest is 0 where there were none */
    public record Summary(int count, double averageMillis, double p95Millis) {}
}
