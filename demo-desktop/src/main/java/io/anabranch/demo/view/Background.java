// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Lab;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javafx.application.Platform;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes on with a lab until it is over or somebody stops it, on a thread of its own; once at a time. Confined to
 * JavaFX's thread, but for {@link #awaitEnd}.
 */
final class Background {
    private static final long PATIENCE_MILLIS = 10_000;

    private final String thread;
    private final Work work;
    private final Consumer<Boolean> running;
    private final Consumer<String> problems;
    private @Nullable AtomicBoolean stopped;
    private volatile @Nullable Thread last;

    /** What is done, until it is over or {@code stopped} says so. */
    interface Work {
        void run(Lab lab, BooleanSupplier stopped) throws InterruptedException;
    }

    /**
     * @param thread what its thread is called
     * @param running hears when it begins and when it ends
     * @param problems hears in a sentence why it ended early
     */
    Background(String thread, Work work, Consumer<Boolean> running, Consumer<String> problems) {
        this.thread = thread;
        this.work = work;
        this.running = running;
        this.problems = problems;
    }

    boolean isRunning() {
        return stopped != null;
    }

    void start(Lab lab) {
        stop();
        AtomicBoolean mine = new AtomicBoolean();
        stopped = mine;
        running.accept(true);
        Thread made = new Thread(() -> run(lab, mine), thread);
        made.setDaemon(true);
        last = made;
        made.start();
    }

    private void run(Lab lab, AtomicBoolean mine) {
        try {
            work.run(lab, mine::get);
            Platform.runLater(() -> over(mine, ""));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            Platform.runLater(() -> over(mine, "It ended early: " + Actions.inWords(e)));
        }
    }

    /** What was stopped before is no longer asked about. */
    private void over(AtomicBoolean mine, String problem) {
        if (stopped == mine) {
            stop();
            if (!problem.isEmpty()) {
                problems.accept(problem);
            }
        }
    }

    /** Lets it end, soon. Does nothing if it does not run. */
    void stop() {
        if (stopped != null) {
            stopped.set(true);
            stopped = null;
            running.accept(false);
        }
    }

    /** Waits until what was stopped has ended. Not for JavaFX's thread. */
    void awaitEnd() {
        Thread ending = last;
        try {
            if (ending != null) {
                ending.join(PATIENCE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
