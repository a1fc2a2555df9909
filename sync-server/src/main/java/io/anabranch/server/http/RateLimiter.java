// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A token bucket for each caller: holds {@code burst} requests, and fills by so many each second. Remembers the 10,000
 * callers seen last; a bucket that is forgotten was full, or was one among very many. Thread-safe.
 */
final class RateLimiter {
    private static final int MOST_CALLERS = 10_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final int burst;
    private final LongSupplier nanoTime;
    /** In order of last use. Guarded by itself. */
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST_CALLERS;
        }
    };

    RateLimiter(double perSecond, int burst, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanoTime = nanoTime;
    }

    /** Takes one request from a caller's bucket. Returns 0, or in how many whole seconds there will be one. */
    long take(String caller) {
        long now = nanoTime.getAsLong();
        synchronized (buckets) {
            Bucket bucket = buckets.computeIfAbsent(caller, name -> new Bucket(burst, now));
            bucket.fill(now);
            if (bucket.level >= 1) {
                bucket.level--;
                return 0;
            }
            return (long) Math.ceil((1 - bucket.level) / perSecond);
        }
    }

    private final class Bucket {
        private double level;
        private long filledAt;

        Bucket(double level, long now) {
            this.level = level;
            this.filledAt = now;
        }

        void fill(long now) {
            level = Math.min(burst, level + (now - filledAt) / NANOS_PER_SECOND * perSecond);
            filledAt = now;
        }
    }
}
