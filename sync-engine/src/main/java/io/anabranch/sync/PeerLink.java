// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.schedule.Backoff;
import io.anabranch.sync.schedule.Failover;
import io.anabranch.sync.schedule.Pace;
import io.anabranch.sync.session.Direction;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A standing connection to a peer, at the best of its addresses. Exchanges as soon as something was written to the file, by this
 * program or another, and takes what the peer tells unasked; where a peer tells nothing, asks every second. Tries again for ever, with
 * pauses that grow. While an address fails it goes over the next one, and comes back when a trial beside that finds the better one
 * working. Thread-safe; {@link #close} ends it.
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

    private final List<URI> peers;
    private final ReplicaFile file;
    private final Function<URI, Transport> transports;
    private final Direction direction;
    private final Consumer<SyncOutcome> outcomes;
    private final Failover failover;
    private final Untold untold = new Untold();
    private final Random jitter = new Random();
    private final Pace pace = new Pace(EXCHANGES_PER_SECOND, EXCHANGES_AT_ONCE, System.nanoTime());
    private final Thread thread;

    /** Guarded by this, as are the fields that follow. */
    private final Deque<byte[]> pushed = new ArrayDeque<>();

    private boolean closed;
    private boolean nudged;
    private @Nullable SyncOutcome last;
    /** What the link goes over; null before the first exchange. */
    private @Nullable Way way;
    /** What tries a better address out beside the link. */
    private @Nullable Trial trial;

    /** @param peers addresses of one peer, or of peers that stand in for each other; the one liked best first */
    PeerLink(
            List<URI> peers,
            ReplicaFile file,
            Function<URI, Transport> transports,
            Direction direction,
            Consumer<SyncOutcome> outcomes) {
        this.peers = List.copyOf(peers);
        this.file = file;
        this.transports = transports;
        this.direction = direction;
        this.outcomes = outcomes;
        this.failover = new Failover(peers.size(), Backoff.DEFAULT);
        thread = new Thread(this::run, "anabranch-link-" + peers.get(0));
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Returns the address that the link goes over now; before the first exchange the one liked best. */
    public synchronized URI peer() {
        return way == null ? peers.get(0) : way.uri;
    }

    /** Returns whether the link goes over an address now, and its last exchange has settled. */
    synchronized boolean isOver(String url) {
        return way != null && way.uri.toString().equals(url) && last instanceof SyncOutcome.Settled;
    }

    /** Returns all addresses, the one liked best first. */
    public List<PeerAddress> addresses() {
        URI inUse = peer();
        List<PeerAddress> addresses = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            URI uri = peers.get(i);
            addresses.add(new PeerAddress(uri, uri.equals(inUse), failover.failures(i)));
        }
        return addresses;
    }

    /** Returns how the last exchange ended; null before the first. */
    public synchronized @Nullable SyncOutcome lastOutcome() {
        return last;
    }

    /** Returns whether the peer tells at once what happens there, so that it need not be asked. */
    public boolean isLive() {
        Way over = way();
        return over != null && over.isLive();
    }

    /** Exchanges now, without waiting for the next look. */
    public synchronized void nudge() {
        nudged = true;
        notifyAll();
    }

    /** Something was committed here. */
    void written() {
        if (direction.sends()) {
            nudge();
        }
    }

    /** The peer sent change sets unasked. More of them than can be taken are as good as a nudge. */
    private synchronized void pushed(byte[] reply) {
        if (pushed.size() < MOST_PUSHES) {
            pushed.add(reply);
        } else {
            nudged = true;
        }
        notifyAll();
    }

    // ---- The thread

    private void run() {
        while (!isClosed()) {
            int address = failover.best(System.nanoTime());
            if (address < 0) {
                rest();
                continue;
            }
            try {
                round(goOver(address));
            } catch (RuntimeException e) {
                // Of the listener's making, or ours: either way the next round is what was promised.
                LOG.warn("the link to {} goes on after", peers.get(address), e);
                failover.failed(address, System.nanoTime(), Duration.ZERO, jitter);
            }
        }
    }

    /** Waits before the next try. A write shortens that, but not what the peer asked for. */
    private void rest() {
        boolean asked = failover.isAskedToRest();
        await(failover.rest(System.nanoTime()), () -> nudged && !asked);
        if (isNudged()) {
            failover.hurry(System.nanoTime());
        }
    }

    private Way goOver(int address) {
        Way before = way();
        if (before != null && before.address == address) {
            return before;
        }
        Way next = new Way(address);
        synchronized (this) {
            way = next;
            pushed.clear();
        }
        if (before != null) {
            LOG.info("the link goes over {} instead of {}", next.uri, before.uri);
            before.close();
        }
        next.start();
        if (isClosed()) {
            next.close();
        }
        return next;
    }

    /** Exchanges once, and after that takes what is pushed until an exchange is needed. */
    private void round(Way over) {
        await(pace.next(System.nanoTime()), () -> false);
        forgetNudge();
        long seen = file.dataVersion();
        SyncOutcome outcome = over.exchange();
        note(over.address, outcome);
        tell(outcome);
        boolean isSettled = outcome instanceof SyncOutcome.Settled;
        while (isSettled && !isClosed()) {
            byte[] push = awaitWork(over, seen);
            SyncOutcome taken = push == null ? null : over.pushes.take(push);
            if (taken == null) {
                return;
            }
            tell(taken);
        }
    }

    /** Remembers whether an address is worth going over. */
    private void note(int address, SyncOutcome outcome) {
        if (outcome instanceof SyncOutcome.Settled) {
            failover.worked(address);
        } else {
            boolean asks = outcome instanceof SyncOutcome.Later;
            Duration pause = asks ? ((SyncOutcome.Later) outcome).retryAfter() : Duration.ZERO;
            failover.failed(address, System.nanoTime(), pause, jitter);
        }
    }

    private void tell(SyncOutcome outcome) {
        synchronized (this) {
            if (closed) {
                return; // Nobody wants to know any more.
            }
            last = outcome;
        }
        outcomes.accept(outcome);
    }

    /**
     * Returns what the peer pushed; or null when another connection has committed to the file since {@code seen}, or it is
     * time to ask.
     */
    private byte @Nullable [] awaitWork(Way over, long seen) {
        while (!isClosed() && !(direction.sends() && file.dataVersion() != seen)) {
            boolean canWait = (over.isLive() || !direction.takes()) && !over.pushes.owesWord();
            Duration every = canWait ? ASK_A_TELLING_PEER_EVERY : ASK_EVERY;
            await(LOOK_EVERY, () -> nudged || !pushed.isEmpty());
            if (System.nanoTime() - over.exchangedAt >= every.toNanos() || isNudged()) {
                return null;
            }
            byte[] push = nextPush();
            if (push != null) {
                return push;
            }
            tryBetterThan(over);
        }
        return null;
    }

    private synchronized byte @Nullable [] nextPush() {
        return pushed.poll();
    }

    private void tryBetterThan(Way over) {
        int better = failover.toTry(over.address, System.nanoTime());
        synchronized (this) {
            if (better < 0 || trial != null || closed) {
                return;
            }
            trial = new Trial(better);
            trial.thread.start();
        }
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

    private synchronized @Nullable Way way() {
        return way;
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
        Way over;
        Trial trying;
        synchronized (this) {
            closed = true;
            over = way;
            trying = trial;
            notifyAll();
        }
        if (over != null) {
            over.close();
        }
        if (trying != null) {
            trying.transport.close();
        }
        try {
            thread.join();
            if (trying != null) {
                trying.thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- Ways

    private SyncOutcome exchange(URI uri, Transport transport) {
        try {
            return new Exchange(file, transport, uri.toString(), direction, untold).run();
        } catch (SyncException e) {
            LOG.warn("exchange with {} failed: {}", uri, e.getMessage());
            return new SyncOutcome.Failed(String.valueOf(e.getMessage()));
        }
    }

    /** An address, and what belongs to going over it. */
    private final class Way {
        private final int address;
        private final URI uri;
        private final Transport transport;
        private final PushedChanges pushes;
        private final Listening listening;
        /** When an exchange ended last. Confined to the link's thread. */
        private long exchangedAt = System.nanoTime();

        Way(int address) {
            this.address = address;
            uri = peers.get(address);
            transport = transports.apply(uri);
            pushes = new PushedChanges(file, uri.toString(), direction, untold);
            listening = new Listening(file, transport, uri.toString(), PeerLink.this::nudge, PeerLink.this::pushed);
        }

        void start() {
            if (direction.takes()) {
                listening.start();
            }
        }

        boolean isLive() {
            return listening.isOpen();
        }

        SyncOutcome exchange() {
            pushes.wordGiven();
            SyncOutcome outcome = PeerLink.this.exchange(uri, transport);
            exchangedAt = System.nanoTime();
            return outcome;
        }

        void close() {
            listening.close();
        }
    }

    /** One exchange over an address that failed before, while the link goes over another. */
    private final class Trial {
        private final int address;
        private final Transport transport;
        private final Thread thread;

        Trial(int address) {
            this.address = address;
            transport = transports.apply(peers.get(address));
            thread = new Thread(this::run, "anabranch-trial-" + peers.get(address));
            thread.setDaemon(true);
        }

        private void run() {
            try (Transport closing = transport) {
                note(address, exchange(peers.get(address), closing));
            } catch (RuntimeException e) {
                LOG.warn("{} is tried again after", peers.get(address), e);
                failover.failed(address, System.nanoTime(), Duration.ZERO, jitter);
            }
            synchronized (PeerLink.this) {
                trial = null;
            }
            if (failover.failures(address) == 0) {
                nudge();
            }
        }
    }
}
