// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.schedule;

import java.time.Duration;
import java.util.Random;

/**
 * Which of several addresses of a peer to use: the first in order of preference that is not known to be out of order. One that failed
 * rests, for a random time that grows with each failure in a row; then it is worth a trial, and the first success makes it as good as
 * new. Takes the time as an argument, in nanoseconds of any clock that only rises. Thread-safe.
 */
public final class Failover {
    private final Backoff backoff;
    private final int[] failures;
    private final long[] restsUntil;
    /** Whether it asked to be left alone until then, and not just failed. */
    private final boolean[] asked;

    /** @param addresses how many there are; they are numbered from 0, the one liked best */
    public Failover(int addresses, Backoff backoff) {
        if (addresses < 1) {
            throw new IllegalArgumentException("addresses < 1: " + addresses);
        }
        this.backoff = backoff;
        this.failures = new int[addresses];
        this.restsUntil = new long[addresses];
        this.asked = new boolean[addresses];
    }

    /**
     * Returns the address to use now: the first that has not failed since it last worked; if all have, the first whose rest is over; -1
     * while all rest.
     */
    public synchronized int best(long now) {
        for (int i = 0; i < failures.length; i++) {
            if (failures[i] == 0) {
                return i;
            }
        }
        for (int i = 0; i < failures.length; i++) {
            if (isDue(i, now)) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the first address that is liked better than {@code inUse} and worth a trial now; -1 if there is none. */
    public synchronized int toTry(int inUse, long now) {
        for (int i = 0; i < inUse; i++) {
            if (isDue(i, now)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isDue(int address, long now) {
        return restsUntil[address] - now <= 0 || failures[address] == 0;
    }

    /** Returns how long it is until some address is worth a trial; zero if one is. */
    public synchronized Duration rest(long now) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < failures.length; i++) {
            least = Math.min(least, isDue(i, now) ? 0 : restsUntil[i] - now);
        }
        return Duration.ofNanos(least);
    }

    /** Returns whether all that rest now have asked for it. */
    public synchronized boolean isAskedToRest() {
        for (boolean each : asked) {
            if (!each) {
                return false;
            }
        }
        return true;
    }

    /** It failed. It rests for a random time, and that after {@code atLeast}, for which it may have asked. */
    public synchronized void failed(int address, long now, Duration atLeast, Random random) {
        failures[address]++;
        asked[address] = !atLeast.isZero();
        restsUntil[address] = now
                + atLeast.toNanos()
                + backoff.after(failures[address], random).toNanos();
    }

    /** It worked. */
    public synchronized void worked(int address) {
        failures[address] = 0;
        asked[address] = false;
    }

    /** There is reason to try again at once: ends the rests, but not those that were asked for. */
    public synchronized void hurry(long now) {
        for (int i = 0; i < failures.length; i++) {
            if (!asked[i]) {
                restsUntil[i] = now;
            }
        }
    }

    /** Returns how often an address failed since it last worked. */
    public synchronized int failures(int address) {
        return failures[address];
    }
}
