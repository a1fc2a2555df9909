// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.peers;

import io.anabranch.server.space.LogText;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.schedule.Backoff;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.transport.Transport;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one space the same here and at one other relay: exchanges when something moved here, when the other tells that
 * something moved there, and now and then anyway. Two threads: one exchanges, one listens. Thread-safe.
 */
final class PeerLoop implements AutoCloseable, Transport.Ear {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);
    private static final Duration FLOOR = Duration.ofSeconds(30);
    private static final Duration LISTEN_AGAIN_AT_MOST = Duration.ofSeconds(30);
    private static final Duration TRY_AGAIN_AT_MOST = Duration.ofSeconds(30);

    private final RelaySpaces spaces;
    private final String space;
    private final PeerAddress address;
    private final Clock clock;
    private final Transport transport;
    private final Transport ear;
    private final Random jitter = new Random();
    private final Backoff backoff = new Backoff(Duration.ofMillis(200), TRY_AGAIN_AT_MOST);
    private final Thread exchanging;
    private final Thread listening;

    /** Guarded by this, as are the fields that follow. */
    private boolean nudged = true;

    private boolean closed;
    /** What was held here and there after the last exchange. */
    private @Nullable Hash128 settledAt;

    private PeerState state;

    /** Confined to the thread that exchanges. */
    private @Nullable Heads peer;

    private int failures;

    PeerLoop(RelaySpaces spaces, String space, PeerAddress address, Clock clock) {
        this.spaces = spaces;
        this.space = space;
        this.address = address;
        this.clock = clock;
        this.state = PeerState.begin(address.toString(), space);
        this.transport = address.transport(space);
        this.ear = address.transport(space);
        this.exchanging = thread("exchange", this::exchangeOnAndOn);
        this.listening = thread("ear", this::listenOnAndOn);
    }

    private Thread thread(String what, Runnable work) {
        Thread thread = new Thread(work, "anabranch-peer-" + what);
        thread.setDaemon(true);
        return thread;
    }

    void start() {
        exchanging.start();
        listening.start();
    }

    /** Tells that this relay holds something else than before, or may. */
    void moved(Hash128 sum) {
        synchronized (this) {
            if (sum.equals(settledAt)) {
                return; // It came from there.
            }
        }
        nudge();
    }

    synchronized PeerState state() {
        return state;
    }

    private synchronized void nudge() {
        nudged = true;
        notifyAll();
    }

    // ---- Exchanging

    private void exchangeOnAndOn() {
        while (awaitNudge(failures == 0 ? FLOOR : null)) {
            SyncOutcome outcome = exchange();
            if (outcome instanceof SyncOutcome.Settled) {
                tellGood();
            } else {
                tellTrouble(outcome);
                pause(
                        outcome instanceof SyncOutcome.Later later
                                ? later.retryAfter()
                                : backoff.after(failures, jitter));
            }
        }
    }

    private SyncOutcome exchange() {
        try {
            PeerExchange exchange = new PeerExchange(spaces.relay(), space, spaces.space(space), transport, peer);
            SyncOutcome outcome = exchange.run();
            peer = exchange.peer();
            return ended(outcome);
        } catch (SqlException e) {
            return ended(new SyncOutcome.Failed("this relay's file: " + e.getMessage()));
        } catch (RuntimeException e) {
            LOG.warn("an exchange with {} failed", address, e);
            return ended(new SyncOutcome.Failed(String.valueOf(e.getMessage())));
        }
    }

    private synchronized SyncOutcome ended(SyncOutcome outcome) {
        settledAt = outcome instanceof SyncOutcome.Settled && peer != null ? peer.sum() : null;
        state = state.after(outcome, peer == null ? null : peer.vector(), clock.millis());
        return outcome;
    }

    private void tellGood() {
        if (failures > 0) {
            LOG.info("peer-back url={} space={}", address, LogText.quoted(space));
        }
        failures = 0;
    }

    private void tellTrouble(SyncOutcome outcome) {
        if (failures == 0) {
            LOG.warn(
                    "peer-trouble url={} space={} outcome={}",
                    address,
                    LogText.quoted(space),
                    LogText.quoted(outcome.toString()));
        }
        failures++;
        nudge();
    }

    /** Waits until there is something to do, at most so long. Returns false once closed. */
    private synchronized boolean awaitNudge(@Nullable Duration most) {
        long until = System.nanoTime() + (most == null ? 0 : most.toNanos());
        try {
            for (long left = millisTo(until); !closed && !nudged && left > 0; left = millisTo(until)) {
                wait(left);
            }
        } catch (InterruptedException e) {
            closed = true;
        }
        nudged = false;
        return !closed;
    }

    private static long millisTo(long nanos) {
        return (nanos - System.nanoTime()) / 1_000_000;
    }

    private synchronized void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        try {
            for (long left = millisTo(until); !closed && left > 0; left = millisTo(until)) {
                wait(left);
            }
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    // ---- Listening

    private void listenOnAndOn() {
        int ended = 0;
        Backoff again = new Backoff(Duration.ofMillis(200), LISTEN_AGAIN_AT_MOST);
        while (!isClosed()) {
            long began = System.nanoTime();
            try {
                ear.listen(space, spaces.relay(), this);
            } catch (RuntimeException e) {
                LOG.warn("listening to {} goes on after", address, e);
            }
            boolean inEarnest = System.nanoTime() - began > LISTEN_AGAIN_AT_MOST.toNanos();
            ended = inEarnest ? 1 : ended + 1;
            pause(again.after(ended, jitter));
        }
    }

    @Override
    public void opened() {
        nudge();
    }

    @Override
    public void moved() {
        nudge();
    }

    /** What was pushed is fetched: an exchange also tells what is here. */
    @Override
    public void pushed(byte[] reply) {
        nudge();
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            do {
                // Again, in case a call began just after the calls were ended.
                transport.close();
                ear.close();
                exchanging.join(50);
                listening.join(50);
            } while (exchanging.isAlive() || listening.isAlive());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
