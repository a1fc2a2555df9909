// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command that runs for ever end in order when the process is told to (SIGINT, SIGTERM): {@link #await} returns, the
 * command puts its things away, and after {@link #close} the process ends with exit code 0. An interrupt does the same for
 * a command that is called inside another program.
 *
 * <p>Java knows signals only as the beginning of the end: a hook that delays it, and that ends the process itself so that
 * its exit code is not the signal's.
 */
final class UntilStopped implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    private final long patienceSeconds;
    private final Runnable inHaste;
    private volatile int exitCode;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "stop");

    UntilStopped() {
        this(PATIENCE_SECONDS, () -> {});
    }

    /** @param inHaste what to do where the command has not put its things away in time */
    UntilStopped(long patienceSeconds, Runnable inHaste) {
        this.patienceSeconds = patienceSeconds;
        this.inHaste = inHaste;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stop() {
        stopping.countDown();
        boolean inOrder = false;
        try {
            inOrder = stopped.await(patienceSeconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!inOrder) {
            inHaste.run();
        }
        Runtime.getRuntime().halt(inOrder ? exitCode : 1);
    }

    /** Waits until the process is told to end. */
    void await() {
        try {
            stopping.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether the process was told to end. */
    boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /** Says what the process ends with, once everything is put away; 0 unless it is said. */
    void exitWith(int code) {
        exitCode = code;
    }

    /** Everything is put away. */
    @Override
    public void close() {
        stopped.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The end has begun, and the hook sees to it.
        }
    }
}
