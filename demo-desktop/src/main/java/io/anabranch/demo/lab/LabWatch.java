// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.sync.SyncException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Looks at a lab whenever there may be news, at most 25 times a second however much happens, and tells what it saw. One thread
 * of its own, on which the listeners are called. Thread-safe.
 */
public final class LabWatch implements AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 500;
    private static final long REST_MILLIS = 40;

    private final Lab lab;
    private final Consumer<LabView> views;
    private final BiConsumer<LabReplica, BoardFeed.Update> updates;
    private final Thread thread;

    /** Guarded by this. */
    private boolean hasNews = true;

    private boolean closed;

    public LabWatch(Lab lab, Consumer<LabView> views, BiConsumer<LabReplica, BoardFeed.Update> updates) {
        this.lab = lab;
        this.views = views;
        this.updates = updates;
        thread = new Thread(this::run, "lab-watch");
        thread.setDaemon(true);
    }

    public void start() {
        lab.onNews(this::nudge);
        thread.start();
    }

    private synchronized void nudge() {
        hasNews = true;
        notifyAll();
    }

    private void run() {
        try {
            while (await(LOOK_EVERY_MILLIS, true)) {
                look();
                if (!await(REST_MILLIS, false)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits, with news or without. Returns false at the end. */
    private synchronized boolean await(long millis, boolean forNews) throws InterruptedException {
        long until = System.nanoTime() + millis * 1_000_000;
        for (long left = millis; left > 0 && !closed && !(forNews && hasNews); ) {
            wait(left);
            left = (until - System.nanoTime()) / 1_000_000;
        }
        hasNews &= !forNews;
        return !closed;
    }

    private void look() {
        try {
            views.accept(lab.look());
            for (LabReplica replica : lab.replicas()) {
                BoardFeed.Update update = lab.look(replica);
                if (update != null) {
                    updates.accept(replica, update);
                }
            }
        } catch (SyncException | ReplicaDown e) {
            nudge(); // Something went down while it was looked at: the next look sees that.
        }
    }

    /** Ends the thread after the look under way. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
