// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.BaseVectors;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.Place;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;

/** Replicas on real files, a clock that a test moves, and a network without a wire. */
final class World implements AutoCloseable {
    /** 2001: before any clock that SQLite may read, so that stamps come from here. */
    private static final long START_MILLIS = 1_000_000_000_000L;

    final Path folder;
    final Random random = new Random(7);
    private final List<TestReplica> replicas = new ArrayList<>();
    private long nowMillis = START_MILLIS;

    World(Path folder) {
        this.folder = folder;
    }

    TestReplica replica(String name) {
        return replica(name, () -> nowMillis);
    }

    TestReplica replica(String name, LongSupplier clock) {
        ReplicaFile file = ReplicaFile.open(
                folder.resolve(name + ".db"),
                "shop",
                new JdbcDriver(),
                new Place(folder.resolve("state")),
                clock,
                random);
        TestReplica replica = new TestReplica(name, file);
        replicas.add(replica);
        return replica;
    }

    ReplicaFile open(Path path, String space) {
        return ReplicaFile.open(
                path, space, new JdbcDriver(), new Place(folder.resolve("state")), () -> nowMillis, random);
    }

    long now() {
        return nowMillis;
    }

    void pass(long millis) {
        nowMillis += millis;
    }

    /** Lets the first of two exchange with the second, both ways, until they hold the same. */
    SyncOutcome exchange(TestReplica client, TestReplica server) {
        return new Exchange(
                        client.file(),
                        new Direct(new AnsweringPeer(server.file(), () -> {}, () -> {})),
                        "test:" + server.name())
                .run();
    }

    /** Exchanges until all hold the same. */
    void settle(TestReplica... all) {
        for (int round = 0; round < 2; round++) {
            for (int i = 1; i < all.length; i++) {
                assertThat(exchange(all[i], all[0])).isInstanceOf(SyncOutcome.Settled.class);
            }
        }
    }

    void assertConverged(TestReplica... all) {
        for (TestReplica replica : all) {
            assertThat(replica.file().heads()).isEqualTo(all[0].file().heads());
            assertThat(replica.file().reports().digests())
                    .isEqualTo(all[0].file().reports().digests());
            assertThat(replica.file().reports().recomputedDigests())
                    .as("digests kept as rows changed")
                    .isEqualTo(replica.file().reports().digests());
        }
    }

    @Override
    public void close() {
        replicas.forEach(TestReplica::close);
    }

    /** A transport that asks a store in the same process, through the bytes of real messages. */
    static final class Direct implements Transport {
        private final PeerStore store;
        private final Responder responder;
        private final BaseVectors bases = new BaseVectors();
        private final LongSupplier clock;

        Direct(PeerStore store) {
            this(store, Hash128.ZERO);
        }

        /** @param epoch as a relay has one */
        Direct(PeerStore store, Hash128 epoch) {
            this(store, epoch, () -> 0);
        }

        /** @param clock what the peer tells of the time; 0 for nothing */
        Direct(PeerStore store, Hash128 epoch, LongSupplier clock) {
            this.store = store;
            this.clock = clock;
            this.responder = new Responder(io.anabranch.crdt.causality.Origin.of(1, 1), epoch);
        }

        @Override
        public Result exchange(String space, byte[] request) {
            Responder.Answer answer =
                    responder.answer(MessageCodec.decodeRequest(request), store, bases, clock.getAsLong());
            if (answer instanceof Responder.Answer.Replied replied) {
                return new Result.Answered(MessageCodec.encode(replied.reply()));
            }
            Admission why = ((Responder.Answer.Refused) answer).why();
            return new Result.Refused(why);
        }

        @Override
        public void close() {}
    }
}
