// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.Direction;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.Place;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PeerLinkTest {
    /** Nobody listens at the port for discarding. */
    private static final URI NOBODY = URI.create("http://127.0.0.1:9");

    private static final URI FIRST = URI.create("http://first.example");
    private static final URI SECOND = URI.create("http://second.example");

    @TempDir
    Path folder;

    @Test
    void goesOnWhenItsListenerThrows() throws Exception {
        CountDownLatch told = new CountDownLatch(2);
        try (Replica replica = Replica.create(folder.resolve("a.db"), "shop")) {
            replica.connect(NOBODY, outcome -> {
                told.countDown();
                throw new IllegalStateException("thrown by the test");
            });

            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void goesOverTheNextAddressWhileTheBestFailsAndComesBack() throws Exception {
        try (ReplicaFile file = open("a.db");
                ReplicaFile peer = open("peer.db")) {
            Line first = new Line(peer);
            Line second = new Line(peer);
            first.isCut = true;
            PeerLink link = link(file, Map.of(FIRST, first, SECOND, second), Direction.BOTH);

            awaitThat(() -> link.peer().equals(SECOND) && link.lastOutcome() instanceof SyncOutcome.Settled);
            assertThat(link.addresses())
                    .extracting(PeerAddress::inUse)
                    .as("which of the two is in use")
                    .containsExactly(false, true);
            assertThat(link.addresses().get(0).failures()).isPositive();

            first.isCut = false;
            awaitThat(() -> link.peer().equals(FIRST));
            second.isCut = true;
            link.nudge();
            awaitThat(() -> link.addresses().get(0).failures() == 0);
            link.close();
        }
    }

    @Test
    void itGoesOnOverTheSecondWhileTheFirstDoesNotEvenRefuse() throws Exception {
        try (ReplicaFile file = open("a.db");
                ReplicaFile peer = open("peer.db")) {
            Line first = new Line(peer);
            Line second = new Line(peer);
            first.isCut = true;
            PeerLink link = link(file, Map.of(FIRST, first, SECOND, second), Direction.BOTH);
            awaitThat(() -> link.peer().equals(SECOND) && link.lastOutcome() instanceof SyncOutcome.Settled);

            first.hangs = true;
            awaitThat(() -> first.hanging.get() > 0);
            int before = second.exchanges.get();
            link.nudge();
            awaitThat(() -> second.exchanges.get() > before);
            link.close();
        }
    }

    @Test
    void aLinkThatOnlyPushesNeitherListensNorAsks() throws Exception {
        try (ReplicaFile file = open("a.db");
                ReplicaFile peer = open("peer.db")) {
            Line line = new Line(peer);
            PeerLink link = link(file, Map.of(FIRST, line), Direction.PUSH);
            awaitThat(() -> link.lastOutcome() instanceof SyncOutcome.Settled);
            link.close();

            assertThat(line.listened.get()).isZero();
        }
    }

    @Test
    void whereEventsDoNotGetThroughThePeerIsPolled() throws Exception {
        try (ReplicaFile file = open("a.db");
                ReplicaFile peer = open("peer.db")) {
            Line line = new Line(peer);
            line.isMute = true;
            PeerLink link = link(file, Map.of(FIRST, line), Direction.BOTH);
            awaitThat(() -> link.isLive() && link.lastOutcome() instanceof SyncOutcome.Settled);

            int before = line.exchanges.get();
            line.news.add("something");
            awaitThat(() -> line.exchanges.get() > before);
            link.close();
        }
    }

    private ReplicaFile open(String name) {
        return ReplicaFile.open(
                folder.resolve(name),
                "shop",
                new JdbcDriver(),
                new Place(folder.resolve("state")),
                System::currentTimeMillis,
                new Random(3));
    }

    private static PeerLink link(ReplicaFile file, Map<URI, Line> lines, Direction direction) {
        List<URI> peers = lines.size() == 1 ? List.of(FIRST) : List.of(FIRST, SECOND);
        PeerLink link = new PeerLink(peers, file, uri -> lines.get(uri).open(), direction, outcome -> {});
        link.start();
        return link;
    }

    private static void awaitThat(BooleanSupplier condition) throws InterruptedException {
        Object nobodyNotifies = new Object();
        synchronized (nobodyNotifies) {
            while (!condition.getAsBoolean()) {
                nobodyNotifies.wait(5);
            }
        }
    }

    /** A way to a peer in the same process that a test can cut. */
    private static final class Line {
        private final World.Direct peer;
        private final AtomicInteger exchanges = new AtomicInteger();
        private final AtomicInteger hanging = new AtomicInteger();
        private final AtomicInteger listened = new AtomicInteger();
        private final BlockingQueue<String> news = new LinkedBlockingQueue<>();
        private volatile boolean isCut;
        private volatile boolean hangs;
        private volatile boolean isMute;

        Line(ReplicaFile peer) {
            this.peer = new World.Direct(peer);
        }

        Transport open() {
            CountDownLatch closed = new CountDownLatch(1);
            return new Transport() {
                @Override
                public Result exchange(String space, byte[] request) {
                    exchanges.incrementAndGet();
                    if (isCut) {
                        if (hangs) {
                            hanging.incrementAndGet();
                            await(closed);
                        }
                        return new Result.Unreachable("cut by the test");
                    }
                    return peer.exchange(space, request);
                }

                @Override
                public Result listen(String space, Origin self, Ear ear) {
                    listened.incrementAndGet();
                    if (isMute) {
                        return new Result.Mute("muted by the test");
                    }
                    await(closed);
                    return new Result.Unreachable("closed");
                }

                @Override
                public Result poll(String space, Origin self, Hash128 known, Ear ear) {
                    ear.opened();
                    try {
                        while (closed.getCount() > 0) {
                            if (news.poll(5, TimeUnit.MILLISECONDS) != null) {
                                ear.moved();
                                return new Result.Answered(new byte[0]);
                            }
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return new Result.Unreachable("closed");
                }

                @Override
                public void close() {
                    closed.countDown();
                }
            };
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
