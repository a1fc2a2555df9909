// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.store.ReplicaFile;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells that something was committed to a file: by this program at once, by another within a tenth of a second. Has a thread only once
 * somebody wants to know, and looks only while somebody does. Thread-safe.
 */
final class CommitWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommitWatch.class);
    private static final long LOOK_EVERY_MILLIS = 100;
    private static final long PATIENCE_MILLIS = 10_000;

    private final ReplicaFile file;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** Guarded by this, as are the fields that follow. */
    private @Nullable Thread thread;

    private boolean nudged;
    private boolean closed;

    CommitWatch(ReplicaFile file) {
        this.file = file;
    }

    /** Calls {@code listener} after commits, several of which may be told as one, on the watch's thread. */
    synchronized Subscription add(Runnable listener) {
        if (closed) {
            throw new IllegalStateException("the replica is closed");
        }
        listeners.add(listener);
        if (thread == null) {
            thread = new Thread(this::run, "anabranch-commits");
            thread.setDaemon(true);
            thread.start();
        }
        nudge(); // What was committed before the first look concerns the new one too.
        return () -> listeners.remove(listener);
    }

    /** Says that something was committed, or that it is worth to look. */
    synchronized void nudge() {
        nudged = true;
        notifyAll();
    }

    private void run() {
        long seen = -1;
        while (true) {
            boolean wasNudged = awaitNudge();
            if (isClosed()) {
                return;
            }
            try {
                long version = file.dataVersion();
                if (wasNudged || version != seen) {
                    seen = version;
                    listeners.forEach(Runnable::run);
                }
            } catch (RuntimeException e) {
                LOG.warn("nobody hears of the last commits to {}: {}", file.path(), e.getMessage());
            }
        }
    }

    private synchronized boolean awaitNudge() {
        try {
            if (!nudged && !closed) {
                wait(listeners.isEmpty() ? 0 : LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            closed = true;
        }
        boolean wasNudged = nudged;
        nudged = false;
        return wasNudged;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Ends the thread, after the call that is under way. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
            notifyAll();
        }
        try {
            if (running != null && running != Thread.currentThread()) {
                running.join(PATIENCE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
