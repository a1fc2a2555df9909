// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.schedule.Backoff;
import io.anabranch.sync.schedule.Pace;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A standing connection to one peer. Exchanges as soon as something was written to the file, by this program or another, and
 * takes what the peer tells unasked; where a peer tells nothing, asks every second. Tries again for ever, with pauses that
 * grow. Thread-safe; {@link #close} ends it.
 */
public final class PeerLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
    private static final Duration ASK_EVERY = Duration.ofSeconds(1);
    /** What a peer tells may get lost on the way, above all in proxies. */
    private static final Duration ASK_A_TELLING_PEER_EVERY = Duration.ofSeconds(30);

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    /** Below what relays take: who writes more often sends several change sets at once. */
    private static final int EXCHANGES_PER_SECOND = 15;

    private static final int EXCHANGES_AT_ONCE = 50;
    private static final int MOST_PUSHES = 1_000;

    private final URI peer;
    private final ReplicaFile file;
    private final Transport transport;
    private final Consumer<SyncOutcome> outcomes;
    private final PushedChanges pushes;
    private final Listening listening;
    private final Random jitter = new Random();
    private final Pace pace = new Pace(EXCHANGES_PER_SECOND, EXCHANGES_AT_ONCE, System.nanoTime());
    private final Thread thread;

    /** Guarded by this, as are the fields that follow. */
    private final Deque<byte[]> pushed = new ArrayDeque<>();

    private boolean closed;
    private boolean nudged;
    private @Nullable SyncOutcome last;

    PeerLink(URI peer, ReplicaFile file, Transport transport, Consumer<SyncOutcome> outcomes) {
        this.peer = peer;
        this.file = file;
        this.transport = transport;
        this.outcomes = outcomes;
        this.pushes = new PushedChanges(file, peer.toString());
        this.listening = new Listening(file, transport, this);
        thread = new Thread(this::run, "anabranch-link-" + peer);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
        listening.start();
    }

    public URI peer() {
        return peer;
    }

    /** Returns how the last exchange ended; null before the first. */
    public synchronized @Nullable SyncOutcome lastOutcome() {
        return last;
    }

    /** Returns whether the peer tells at once what happens there, so that it need not be asked. */
    public boolean isLive() {
        return listening.isOpen();
    }

    /** Exchanges now, without waiting for the next look. */
    public synchronized void nudge() {
        nudged = true;
        notifyAll();
    }

    /** The peer sent change sets unasked. More of them than can be taken are as good as a nudge. */
    synchronized void pushed(byte[] reply) {
        if (pushed.size() < MOST_PUSHES) {
            pushed.add(reply);
        } else {
            nudged = true;
        }
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
                rest(failures);
            }
        }
    }

    /** Waits before the next try. A write shortens that, but not what the peer asked for. */
    private void rest(int failures) {
        Duration random = Backoff.DEFAULT.after(failures, jitter);
        if (lastOutcome() instanceof SyncOutcome.Later later) {
            // The random part keeps clients from coming back all at once.
            await(later.retryAfter().plus(random), () -> false);
        } else {
            await(random, () -> nudged);
        }
    }

    /** Exchanges once, and after that takes what is pushed until an exchange is needed. Returns whether it settled. */
    private boolean round() {
        await(pace.next(System.nanoTime()), () -> false);
        forgetNudge();
        long seen = file.dataVersion();
        if (!tell(pushes.told(exchange()))) {
            return false;
        }
        while (!isClosed()) {
            byte[] push = awaitWork(seen);
            SyncOutcome outcome = push == null ? null : pushes.take(push);
            if (outcome == null) {
                return true;
            }
            tell(outcome);
        }
        return true;
    }

    /** Returns whether the outcome is that both hold the same, or that nobody wants to know any more. */
    private boolean tell(SyncOutcome outcome) {
        if (isClosed()) {
            return true;
        }
        synchronized (this) {
            last = outcome;
        }
        outcomes.accept(outcome);
        return outcome instanceof SyncOutcome.Settled;
    }

    private SyncOutcome exchange() {
        try {
            return new Exchange(file, transport, peer.toString()).run();
        } catch (SyncException e) {
            LOG.warn("exchange with {} failed: {}", peer, e.getMessage());
            return new SyncOutcome.Failed(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Returns what the peer pushed; or null when another connection has committed to the file since {@code seen}, or it is
     * time to ask.
     */
    private byte @Nullable [] awaitWork(long seen) {
        long began = System.nanoTime();
        while (!isClosed() && file.dataVersion() == seen) {
            Duration every = isLive() ? ASK_A_TELLING_PEER_EVERY : ASK_EVERY;
            await(LOOK_EVERY, () -> nudged || !pushed.isEmpty());
            if (System.nanoTime() - began >= every.toNanos() || isNudged()) {
                return null;
            }
            byte[] push = nextPush();
            if (push != null) {
                return push;
            }
        }
        return null;
    }

    private synchronized byte @Nullable [] nextPush() {
        return pushed.poll();
    }

    /** Waits, but not longer than until the end, or until there is reason to go on. */
    private synchronized void await(Duration duration, BooleanSupplier reason) {
        long until = System.nanoTime() + duration.toNanos();
        try {
            for (long left = duration.toNanos(); left > 0 && !closed && !reason.getAsBoolean(); ) {
                wait(1 + left / 1_000_000);
                left = until - System.nanoTime();
            }
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    private synchronized boolean isNudged() {
        return nudged;
    }

    /** The exchange that begins sees all that was written until now. */
    private synchronized void forgetNudge() {
        nudged = false;
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
        listening.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
