// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The clock of one node: the world's time, and how wrong this node has it. Confined to the world's thread. */
public final class SimulatedClock implements LongSupplier {
    private static final long RUNNING = Long.MIN_VALUE;

    private final LongSupplier world;
    private long aheadMillis;
    private long stoppedAtMillis = RUNNING;

    SimulatedClock(LongSupplier world) {
        this.world = world;
    }

    /** Sets the clock forward, or back by a negative duration, from what it shows now. */
    public void jump(Duration by) {
        aheadMillis += by.toMillis();
        if (stoppedAtMillis != RUNNING) {
            stoppedAtMillis += by.toMillis();
        }
    }

    /** Sets the clock to so much later than the world's time, or earlier. */
    void setAhead(Duration ahead) {
        stoppedAtMillis = RUNNING;
        aheadMillis = ahead.toMillis();
    }

    /** Lets the clock show the same time until {@link #goOn}. */
    public void stop() {
        stoppedAtMillis = getAsLong();
    }

    /** Lets a stopped clock run on from what it shows. */
    public void goOn() {
        if (stoppedAtMillis != RUNNING) {
            aheadMillis = stoppedAtMillis - world.getAsLong();
            stoppedAtMillis = RUNNING;
        }
    }

    @Override
    public long getAsLong() {
        return stoppedAtMillis == RUNNING ? world.getAsLong() + aheadMillis : stoppedAtMillis;
    }
}
