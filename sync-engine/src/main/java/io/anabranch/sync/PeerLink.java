// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.schedule.Backoff;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A standing connection to one peer: exchanges as soon as something was written to the file, by this program or another, and
 * every second to hear what is new. Tries again for ever, with pauses that grow. Thread-safe; {@link #close} ends it.
 */
public final class PeerLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
    private static final Duration LISTEN_EVERY = Duration.ofSeconds(1);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final URI peer;
    private final ReplicaFile file;
    private final Transport transport;
    private final Consumer<SyncOutcome> outcomes;
    private final Random jitter = new Random();
    private final Thread thread;

    private boolean closed;
    private boolean nudged;
    private @Nullable SyncOutcome last;

    PeerLink(URI peer, ReplicaFile file, Transport transport, Consumer<SyncOutcome> outcomes) {
        this.peer = peer;
        this.file = file;
        this.transport = transport;
        this.outcomes = outcomes;
        thread = new Thread(this::run, "anabranch-link-" + peer);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    public URI peer() {
        return peer;
    }

    /** Returns how the last exchange ended; null before the first. */
    public synchronized @Nullable SyncOutcome lastOutcome() {
        return last;
    }

    /** Exchanges now, without waiting for the next look. */
    public synchronized void nudge() {
        nudged = true;
        notifyAll();
    }

    private void run() {
        int failures = 0;
        while (!isClosed()) {
            try {
                failures = round() ? 0 : failures + 1;
            } catch (RuntimeException e) {
                // Of the listener's making, or ours: either way the next round is what was promised.
                LOG.warn("the link to {} goes on after", peer, e);
                failures++;
            }
            if (failures > 0) {
                pause(askedPause().plus(Backoff.DEFAULT.after(failures, jitter)));
            }
        }
    }

    /** Returns how long the peer wants to be left alone. The random pause on top keeps clients from coming back at once. */
    private Duration askedPause() {
        return lastOutcome() instanceof SyncOutcome.Later later ? later.retryAfter() : Duration.ZERO;
    }

    /** Exchanges once, and after that waits until there is more to do. Returns whether it settled. */
    private boolean round() {
        long seen = file.dataVersion();
        SyncOutcome outcome = exchange();
        if (isClosed()) {
            return true;
        }
        synchronized (this) {
            last = outcome;
        }
        outcomes.accept(outcome);
        if (!(outcome instanceof SyncOutcome.Settled)) {
            return false;
        }
        awaitWork(seen);
        return true;
    }

    private SyncOutcome exchange() {
        try {
            return new Exchange(file, transport, peer.toString()).run();
        } catch (SyncException e) {
            LOG.warn("exchange with {} failed: {}", peer, e.getMessage());
            return new SyncOutcome.Failed(String.valueOf(e.getMessage()));
        }
    }

    /** Returns when another connection has committed to the file since {@code seen}, or it is time to listen again. */
    private void awaitWork(long seen) {
        long until = System.nanoTime() + LISTEN_EVERY.toNanos();
        while (System.nanoTime() < until && file.dataVersion() == seen) {
            if (pause(LOOK_EVERY)) {
                return;
            }
        }
    }

    /** Waits, but not longer than until a nudge or the end. Returns whether there was one. */
    private synchronized boolean pause(Duration duration) {
        try {
            long until = System.nanoTime() + duration.toNanos();
            while (!nudged && !closed) {
                long left = (until - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            closed = true;
        }
        nudged = false;
        return true;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Ends the link and waits for an exchange under way. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        transport.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
