// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Lines of a log for what may go wrong very often: one of each kind a minute, with how often it was. Whatever clients do, a disk that
 * is full is not filled up with words about it. Remembers each kind, of which there are to be few. Thread-safe.
 */
public final class RareLines {
    private static final long QUIET_NANOS = 60_000_000_000L;

    private final LongSupplier nanoTime;
    private final Map<String, Told> told = new ConcurrentHashMap<>();

    public RareLines(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Writes {@code line}, given how many times it speaks for, unless there was one of its kind within a minute. */
    public void tell(String kind, LongConsumer line) {
        long now = nanoTime.getAsLong();
        Told after = told.compute(kind, (name, before) -> before == null ? new Told(now, 1, 0) : before.another(now));
        if (after.since == 0) {
            line.accept(after.times);
        }
    }

    /**
     * The last line of a kind.
     *
     * @param nanos when it was written
     * @param times how many times it spoke for
     * @param since how often it was after that
     */
    private record Told(long nanos, long times, long since) {
        Told another(long now) {
            return now - nanos < QUIET_NANOS ? new Told(nanos, times, since + 1) : new Told(now, since + 1, 0);
        }
    }
}
