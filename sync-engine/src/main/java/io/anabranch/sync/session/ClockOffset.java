// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * How far a peer's clock is ahead of this one, as its last answers show: the median over the last eight, so that one slow or
 * lying answer moves nothing. Pure; confined to one thread.
 */
public final class ClockOffset {
    private static final int SAMPLES = 8;

    /** An answer that took longer tells too little of when its peer looked at its clock. */
    private static final long MAX_ROUND_TRIP_MILLIS = 10_000;

    private final Deque<Long> samples = new ArrayDeque<>();

    /**
     * Takes an answer into account.
     *
     * @param sentMillis when the question left, by the own clock
     * @param receivedMillis when the answer came, by the own clock
     * @param peerMillis what the peer's clock said in between; 0 if it did not tell
     */
    public void answered(long sentMillis, long receivedMillis, long peerMillis) {
        long roundTrip = receivedMillis - sentMillis;
        // A clock that was put back meanwhile gives a negative one.
        if (peerMillis == 0 || roundTrip < 0 || roundTrip > MAX_ROUND_TRIP_MILLIS) {
            return;
        }
        if (samples.size() == SAMPLES) {
            samples.removeFirst();
        }
        samples.addLast(peerMillis - (sentMillis + roundTrip / 2));
    }

    /** Returns whether any answer was of use. */
    public boolean isKnown() {
        return !samples.isEmpty();
    }

    /** Returns the median, in milliseconds to add to the own clock; of two in the middle the smaller in amount. */
    public long millis() {
        if (samples.isEmpty()) {
            return 0;
        }
        List<Long> sorted = new ArrayList<>(samples);
        Collections.sort(sorted);
        long below = sorted.get((sorted.size() - 1) / 2);
        long above = sorted.get(sorted.size() / 2);
        return Math.abs(below) <= Math.abs(above) ? below : above;
    }
}
