// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.util.concurrent.CancellationException;

/** How far something that takes long has come, and whether it is still wanted. Thread-safe. */
public final class Progress {
    /** What {@link #done} says when nobody can know. */
    public static final double UNKNOWN = -1;

    private volatile double done = UNKNOWN;
    private volatile boolean cancelled;

    /**
     * Says how far it has come.
     *
     * @param part from 0 to 1, or {@link #UNKNOWN}
     * @throws CancellationException if it was cancelled meanwhile
     */
    public void reached(double part) {
        if (cancelled) {
            throw new CancellationException("cancelled at " + part);
        }
        done = part;
    }

    /** Returns how much of it is done, from 0 to 1; {@link #UNKNOWN} if nobody can know. */
    public double done() {
        return done;
    }

    /** Asks for it to end, where it can. */
    public void cancel() {
        cancelled = true;
    }
}
