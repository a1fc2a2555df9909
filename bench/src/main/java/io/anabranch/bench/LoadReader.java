// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.transport.HttpTransport;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.util.List;
import java.util.TreeMap;

/** Is given everything that a relay takes, a few times a second, and counts. One thread. */
final class LoadReader {
    private static final long PAUSE_MILLIS = 200;
    private static final long LONGEST_NANOS = 30_000_000_000L;

    private final Transport transport;
    private final String space;
    private final Origin self = Origin.of(78, 1);
    private final Thread thread = new Thread(this::readOnAndOn, "reader");
    private Heads held = Heads.NONE;
    private volatile long given;
    private volatile boolean finished;

    LoadReader(URI relay, String space, String token) {
        this.transport = new HttpTransport(relay, HttpTransport.client(null), token);
        this.space = space;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Waits until so many were given, half a minute at most, and returns how many were. */
    long finish(long all) throws InterruptedException {
        long end = System.nanoTime() + LONGEST_NANOS;
        while (given < all && System.nanoTime() < end) {
            Thread.sleep(PAUSE_MILLIS);
        }
        finished = true;
        thread.join();
        return given;
    }

    private void readOnAndOn() {
        try {
            while (!finished) {
                read();
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        byte[] request = MessageCodec.encode(new SyncRequest(
                self,
                Head.NONE,
                held.sum(),
                null,
                new TreeMap<>(held.entries()),
                Responder.MAX_REPLY_BYTES,
                List.of()));
        if (transport.exchange(space, request) instanceof Transport.Result.Answered answered) {
            SyncReply reply = MessageCodec.decodeReply(answered.reply());
            TreeMap<Origin, Head> moved = new TreeMap<>();
            for (EncodedChangeSet changeSet : reply.changeSets()) {
                moved.put(changeSet.header().origin(), changeSet.head());
            }
            held = held.with(moved);
            given += reply.changeSets().size();
        }
    }
}
