// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.transport.HttpTransport;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Brings a relay small change sets of one origin, as fast as its token may and no faster. One thread. */
final class LoadWriter {
    private static final Duration PAUSE = Duration.ofMillis(140);

    private final Transport transport;
    private final String space;
    private final Origin origin;
    private final int together;
    private final List<Long> micros = new ArrayList<>();
    private final Thread thread = new Thread(this::writeOnAndOn, "writer");
    private volatile Head head = Head.NONE;
    private volatile boolean finished;

    /** @param together how many change sets a request brings; there are seven requests a second */
    LoadWriter(URI relay, String space, String token, int number, int together) {
        this.transport = new HttpTransport(relay, HttpTransport.client(null), token);
        this.space = space;
        this.origin = Origin.of(77, number);
        this.together = together;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void finish() {
        finished = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns how many change sets the relay said it holds of this writer. */
    long taken() {
        return head.seq();
    }

    /** Returns how long each request took. */
    List<Long> micros() {
        return micros;
    }

    private void writeOnAndOn() {
        long next = System.nanoTime();
        while (!finished) {
            List<EncodedChangeSet> batch = new ArrayList<>();
            Head last = head;
            for (int i = 0; i < together; i++) {
                EncodedChangeSet changeSet = write(last);
                batch.add(changeSet);
                last = changeSet.head();
            }
            head = ask(batch);
            next += PAUSE.toNanos();
            pause(next);
        }
    }

    /** Asks something again and again, whatever it costs, and returns how long each took. */
    List<Long> askEvery(Duration pause, Duration forSoLong) {
        long next = System.nanoTime();
        long end = next + forSoLong.toNanos();
        while (System.nanoTime() < end) {
            ask(List.of());
            next += pause.toNanos();
            pause(next);
        }
        return micros;
    }

    private static void pause(long untilNanos) {
        try {
            Thread.sleep(Math.max(0, (untilNanos - System.nanoTime()) / 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** It claims to hold what it wrote and asks for nothing: what a reply carries is the reader's to measure. */
    private Head ask(List<EncodedChangeSet> changeSets) {
        Heads mine = head.seq() == 0 ? Heads.NONE : Heads.of(Map.of(origin, head));
        byte[] request = MessageCodec.encode(
                new SyncRequest(origin, head, mine.sum(), null, new TreeMap<>(mine.entries()), 1, changeSets));
        long began = System.nanoTime();
        Transport.Result result = transport.exchange(space, request);
        micros.add((System.nanoTime() - began) / 1_000);
        if (!(result instanceof Transport.Result.Answered answered)) {
            throw new IllegalStateException("the relay did not answer: " + result);
        }
        SyncReply reply = MessageCodec.decodeReply(answered.reply());
        return reply.knownOfYou();
    }

    private EncodedChangeSet write(Head after) {
        long seq = after.seq() + 1;
        Dot dot = new Dot(origin, seq);
        long stamp = HybridTime.of(1_700_000_000_000L + seq, 0).bits();
        RowOp.Insert<String, Value> insert = new RowOp.Insert<>(
                dot, stamp, DeletePolicy.EDIT_WINS, new TreeSet<Dot>(), new TreeMap<String, CellOp<Value>>());
        Hash128 previous = seq == 1 ? Hash128.ZERO : after.hash();
        return ChangeSetCodec.encode(
                new ChangeSetHeader(origin, seq, previous, stamp, List.of()),
                List.of(new TableOp.Change("note", List.of(Value.of(dot.toString())), insert, true)));
    }
}
