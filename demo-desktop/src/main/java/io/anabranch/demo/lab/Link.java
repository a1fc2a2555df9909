// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A link between two parties: real HTTP on this machine, made as slow and as bad as its dials say. One thread lets the asker
 * exchange whenever either end has news, and every second anyway. Thread-safe.
 */
public final class Link implements AutoCloseable {
    private static final long ASK_EVERY_MILLIS = 1_000;
    private static final long REST_MILLIS = 250;
    private static final int MOST_FAILURES = 8;
    /** What is written so soon after an exchange travels together, in the next one. */
    private static final long GATHER_MILLIS = 40;

    private static final long LOOK_EVERY_MILLIS = 20;

    private final LabReplica asker;
    private final Party answerer;
    private final Consumer<Message> messages;
    private final Consumer<Link> moved;
    private final Random luck = new Random();
    private final Thread thread;

    private volatile boolean on = true;
    private volatile int latencyMillis;
    private volatile int lossPercent;
    private volatile String state = "nothing exchanged yet";

    /** Whether one end has news; whether what was in the way is gone. Guarded by this. */
    private boolean nudged = true;

    private boolean hurried;

    private volatile boolean closed;

    /** The line to where the answerer was when it was last asked. Confined to the thread. */
    private @Nullable Transport http;

    private @Nullable URI reached;

    /** @param moved hears of each exchange that brought something, either way */
    Link(LabReplica asker, Party answerer, Consumer<Message> messages, Consumer<Link> moved) {
        this.asker = asker;
        this.answerer = answerer;
        this.messages = messages;
        this.moved = moved;
        thread = new Thread(this::run, "lab-link-" + asker.name() + "-" + answerer.name());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    public LabReplica asker() {
        return asker;
    }

    public Party answerer() {
        return answerer;
    }

    public Topology.Pair pair() {
        return new Topology.Pair(asker.name(), answerer.name());
    }

    boolean touches(Party party) {
        return asker == party || answerer == party;
    }

    // ---- Dials

    public boolean isOn() {
        return on;
    }

    /** Cuts or mends it. What is under way on it is lost with it. */
    public void on(boolean mended) {
        on = mended;
        hurry();
    }

    public int latencyMillis() {
        return latencyMillis;
    }

    /** Sets how long a message takes, one way. */
    public void latencyMillis(int millis) {
        latencyMillis = millis;
    }

    public int lossPercent() {
        return lossPercent;
    }

    /** Sets how many of a hundred messages are lost. */
    public void lossPercent(int percent) {
        lossPercent = percent;
    }

    /** Returns whether messages can pass: it is on, and both ends run and are online. */
    public boolean isOpen() {
        return on && asker.isOnline() && answerer.isOnline();
    }

    /** Returns how the last exchange ended, in words. */
    public String state() {
        return isOpen() ? state : !on ? "switched off" : "one end is not there";
    }

    // ---- The thread

    /** Says that one end has news. */
    synchronized void nudge() {
        nudged = true;
        notifyAll();
    }

    /** Says that what was in the way is gone: even a link that failed tries again at once. */
    synchronized void hurry() {
        hurried = true;
        notifyAll();
    }

    private void run() {
        int failures = 0;
        while (!closed) {
            failures = takeNote() ? 0 : failures;
            if (!isOpen()) {
                await(ASK_EVERY_MILLIS, true);
                continue;
            }
            boolean settled = exchange();
            failures = settled ? 0 : Math.min(MOST_FAILURES, failures + 1);
            await(GATHER_MILLIS, false);
            await(settled ? ASK_EVERY_MILLIS : failures * REST_MILLIS, settled);
        }
        hangUp();
    }

    /** Takes note of all news, and returns whether what was in the way is gone. */
    private synchronized boolean takeNote() {
        boolean was = hurried;
        nudged = false;
        hurried = false;
        return was;
    }

    /** Waits; hurry ends that early, and a nudge if {@code isNudgeable}. */
    private synchronized void await(long millis, boolean isNudgeable) {
        long until = System.nanoTime() + Duration.ofMillis(millis).toNanos();
        try {
            for (long left = millis; left > 0 && !closed && !hurried && !(isNudgeable && nudged); ) {
                wait(left);
                left = (until - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    private boolean exchange() {
        try {
            SyncOutcome outcome = asker.use(replica -> replica.sync("lab:" + answerer.name(), new SlowTransport()));
            state = describe(outcome);
            if (outcome instanceof SyncOutcome.Settled settled && settled.sent() + settled.received() > 0) {
                moved.accept(this);
            }
            return outcome instanceof SyncOutcome.Settled;
        } catch (SyncException | ReplicaDown e) {
            state = String.valueOf(e.getMessage());
            return false;
        }
    }

    private static String describe(SyncOutcome outcome) {
        if (outcome instanceof SyncOutcome.Settled) {
            return "both hold the same";
        }
        if (outcome instanceof SyncOutcome.Unreachable unreachable) {
            return unreachable.reason();
        }
        if (outcome instanceof SyncOutcome.Later later) {
            return later.reason();
        }
        if (outcome instanceof SyncOutcome.Failed failed) {
            return failed.reason();
        }
        return outcome instanceof SyncOutcome.Refused
                ? "not taken this time: the other end knew more"
                : "nothing moved";
    }

    @Override
    public void close() {
        closed = true;
        nudge();
        try {
            if (Thread.currentThread() != thread) {
                thread.join(Duration.ofSeconds(10).toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return asker.name() + " – " + answerer.name();
    }

    // ---- The line

    private Transport http(URI url) {
        Transport line = http;
        if (line == null || !url.equals(reached)) {
            hangUp();
            line = Transport.http(url);
            http = line;
            reached = url;
        }
        return line;
    }

    private void hangUp() {
        if (http != null) {
            http.close();
            http = null;
        }
    }

    /** HTTP, with the dials' latency and loss on the way there and on the way back. */
    private final class SlowTransport implements Transport {
        @Override
        public Result exchange(String space, byte[] request) {
            URI url = answerer.url();
            if (url == null) {
                return new Result.Unreachable(answerer.name() + " does not run");
            }
            if (!travels(asker.name(), answerer.name(), request, carriedBy(request))) {
                return new Result.Unreachable("the request was lost on the way");
            }
            Result result = http(url).exchange(space, request);
            if (result instanceof Result.Answered answered
                    && !travels(answerer.name(), asker.name(), answered.reply(), broughtBy(answered.reply()))) {
                return new Result.Unreachable("the answer was lost on the way");
            }
            return result;
        }

        /** Takes the time that the message takes, and returns whether it arrives. */
        private boolean travels(String from, String to, byte[] bytes, List<EncodedChangeSet> carried) {
            boolean isLost = luck.nextInt(100) < lossPercent;
            long travel = Duration.ofMillis(latencyMillis).toNanos();
            long began = System.nanoTime();
            messages.accept(new Message(
                    from,
                    to,
                    carried.size(),
                    carried.isEmpty() ? null : carried.get(0).header().origin(),
                    bytes.length,
                    began,
                    travel,
                    isLost));
            while (System.nanoTime() - began < travel && isOpen() && !closed) {
                pause(Math.min(LOOK_EVERY_MILLIS, latencyMillis));
            }
            return !isLost && isOpen() && !closed;
        }

        private void pause(long millis) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                closed = true;
                Thread.currentThread().interrupt();
            }
        }

        private List<EncodedChangeSet> carriedBy(byte[] request) {
            try {
                return MessageCodec.decodeRequest(request).changeSets();
            } catch (DecodeException e) {
                return List.of(); // For the answering side to judge.
            }
        }

        private List<EncodedChangeSet> broughtBy(byte[] reply) {
            try {
                return MessageCodec.decodeReply(reply).changeSets();
            } catch (DecodeException e) {
                return List.of(); // For the asking side to judge.
            }
        }

        @Override
        public void close() {}
    }
}
