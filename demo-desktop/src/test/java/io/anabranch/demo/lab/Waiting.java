// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what the lab's threads bring about. */
public final class Waiting {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_EVERY_NANOS = 20_000_000;

    private Waiting() {}

    /** Waits until {@code condition} holds; fails with what {@code otherwise} says if it does not in a minute. */
    public static void until(BooleanSupplier condition, Supplier<String> otherwise) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + PATIENCE + ": " + otherwise.get());
            }
            java.util.concurrent.locks.LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    /** Waits until all replicas of a lab hold the same, by their digests. */
    public static void untilSettled(Lab lab) {
        until(() -> lab.look().settlement().isSettled(), () -> lab.look().toString());
    }
}
