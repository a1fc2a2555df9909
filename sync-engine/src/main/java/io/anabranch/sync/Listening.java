// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.schedule.Backoff;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;
import io.anabranch.sync.transport.Transport.Result;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what a peer tells unasked, on a thread of its own, and comes back whenever the connection ends: after a random pause,
 * or all who listened to a relay that was started again would be back at once. Where a stream opens and not a word gets through, as
 * behind proxies that wait for its end, it asks by long polls instead, and tries the stream again now and then. Thread-safe.
 */
final class Listening implements Transport.Ear {
    private static final Logger LOG = LoggerFactory.getLogger(Listening.class);
    /** Who ends a connection later than this has listened in earnest: its pauses begin anew. */
    private static final Duration IN_EARNEST = Duration.ofSeconds(30);
    /** How many polls there are before the stream is tried again: about ten minutes where little happens. */
    private static final int POLLS = 25;
    /** Between two polls, so that the exchange that follows on a word is over before the next one asks. */
    private static final Duration BETWEEN_POLLS = Duration.ofMillis(250);

    private final ReplicaFile file;
    private final Transport transport;
    private final String url;
    private final Runnable moved;
    private final Consumer<byte[]> pushed;
    private final Random jitter = new Random();
    private final Thread thread;

    private boolean closed;
    private boolean open;
    /** How many polls are left until the stream is tried again. Confined to the thread. */
    private int polls;

    Listening(ReplicaFile file, Transport transport, String url, Runnable moved, Consumer<byte[]> pushed) {
        this.file = file;
        this.transport = transport;
        this.url = url;
        this.moved = moved;
        this.pushed = pushed;
        thread = new Thread(this::run, "anabranch-ear-" + url);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Returns whether the peer tells what happens there, so that asking is not needed. */
    synchronized boolean isOpen() {
        return open;
    }

    private void run() {
        int failures = 0;
        while (!isClosed()) {
            long began = System.nanoTime();
            Result why = polls > 0 ? pollOnce() : listenOnce();
            if (why instanceof Result.Mute mute) {
                LOG.info("{} is polled: {}", url, mute.reason());
                polls = POLLS;
                failures = 0;
                continue;
            }
            if (why instanceof Result.Answered) {
                failures = 0;
                pause(BETWEEN_POLLS);
                continue;
            }
            setOpen(false);
            failures = System.nanoTime() - began > IN_EARNEST.toNanos() ? 1 : failures + 1;
            pause(pauseAfter(why, failures));
        }
        setOpen(false);
    }

    private Result listenOnce() {
        try {
            return transport.listen(file.space(), file.self(), this);
        } catch (RuntimeException e) {
            LOG.warn("listening to {} goes on after", url, e);
            return new Result.Failed(String.valueOf(e.getMessage()));
        } finally {
            setOpen(false);
        }
    }

    private Result pollOnce() {
        polls--;
        try {
            Heads known = file.peerHeads(url);
            Hash128 sum = known == null ? Hash128.ZERO : known.sum();
            return transport.poll(file.space(), file.self(), sum, this);
        } catch (RuntimeException e) {
            LOG.warn("polling {} goes on after", url, e);
            return new Result.Failed(String.valueOf(e.getMessage()));
        }
    }

    private Duration pauseAfter(Result why, int failures) {
        Duration pause = Backoff.DEFAULT.after(failures, jitter);
        if (why instanceof Result.Later later) {
            return later.retryAfter().plus(pause);
        }
        // A peer that tells nothing unasked is asked instead; it may learn to.
        return why instanceof Result.Failed ? Backoff.DEFAULT.cap() : pause;
    }

    // ---- What is heard

    @Override
    public void opened() {
        setOpen(true);
    }

    @Override
    public void moved() {
        moved.run();
    }

    @Override
    public void pushed(byte[] reply) {
        pushed.accept(reply);
    }

    private synchronized void setOpen(boolean open) {
        this.open = open;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        try {
            for (long left = duration.toMillis(); !closed && left > 0; left = (until - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    /** Ends it, and closes the transport. */
    void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            do {
                // Again, in case a call began just after the calls were ended.
                transport.close();
                thread.join(50);
            } while (thread.isAlive());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
