// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.PeerLink;
import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.ServedReplica;
import io.anabranch.sync.Surroundings;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.log.Place;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that answer each other, without a relay. */
@Timeout(180)
class ServedReplicaTest {
    @TempDir
    Path folder;

    private final List<Replica> replicas = new ArrayList<>();

    @AfterEach
    void stop() {
        replicas.forEach(Replica::close);
    }

    @Test
    void twoExchangeWithoutARelay() {
        Replica ann = notes("ann");
        Replica bob = notes("bob");
        ann.execute("INSERT INTO note VALUES ('a', 'of Ann')");
        bob.execute("INSERT INTO note VALUES ('b', 'of Bob')");

        ServedReplica server = ann.serve(0);
        assertThat(server.url().getHost()).isEqualTo("127.0.0.1");
        assertThat(bob.sync(server.url())).isEqualTo(new SyncOutcome.Settled(1, 1));

        assertThat(ann.query("SELECT id FROM note ORDER BY id")).hasSize(2);
        assertThat(bob.digest()).isEqualTo(ann.digest());
        assertThat(bob.status().peers().get(0).upToDate()).isTrue();
    }

    @Test
    void aNewcomerGetsTablesAndRowsFromAReplicaWhoseLogWasCut() {
        Replica ann = notes("ann");
        ann.execute("INSERT INTO note VALUES ('a', 'of Ann')");
        Replica bob = notes("bob");
        ServedReplica server = ann.serve(0);
        bob.sync(server.url());
        ann.compact();

        Replica cid = Replica.create(folder.resolve("cid.db"), "notes");
        replicas.add(cid);
        assertThat(cid.sync(server.url())).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(cid.query("SELECT id FROM note")).hasSize(1);
    }

    @Test
    void whatIsWrittenIsPushedAtOnceToThoseThatConnect() throws Exception {
        Replica ann = notes("ann");
        Replica bob = notes("bob");
        BlockingQueue<String> arrivals = arrivals(bob);
        AtomicLong received = new AtomicLong();
        PeerLink link = bob.connect(ann.serve(0).url(), outcome -> {
            if (outcome instanceof SyncOutcome.Settled settled) {
                received.addAndGet(settled.received());
            }
        });
        awaitLive(link);

        ann.execute("INSERT INTO note VALUES ('a', 'through the API')");
        assertThat(arrivals.poll(60, TimeUnit.SECONDS)).isEqualTo("a");
        try (SqlDatabase other = new JdbcDriver().open(folder.resolve("ann.db"), 5_000)) {
            other.execute("INSERT INTO note VALUES ('b', 'by another program')");
        }
        assertThat(arrivals.poll(60, TimeUnit.SECONDS)).isEqualTo("b");

        long held = bob.status().vector().get(ann.origin());
        awaitThat(() -> received.get() == held);
    }

    @Test
    void aRingOfReplicasConvergesAndEachChangeSetCrossesALinkOnce() throws Exception {
        List<Replica> ring = List.of(notes("a"), notes("b"), notes("c"), notes("d"));
        List<URI> urls = new ArrayList<>();
        ring.forEach(replica -> urls.add(replica.serve(0).url()));
        AtomicLong moved = new AtomicLong();
        for (int i = 0; i < ring.size(); i++) {
            ring.get(i).connect(urls.get((i + 1) % ring.size()), outcome -> {
                if (outcome instanceof SyncOutcome.Settled settled) {
                    moved.addAndGet(settled.received());
                }
            });
        }
        for (int i = 0; i < 20; i++) {
            Replica writer = ring.get(i % ring.size());
            writer.execute("INSERT INTO note VALUES (?, ?)", "n" + i, "x");
        }
        awaitThat(() -> ring.stream()
                .allMatch(replica ->
                        replica.status().version().equals(ring.get(0).status().version())
                                && replica.query("SELECT id FROM note").size() == 20));

        assertThat(ring)
                .allSatisfy(replica ->
                        assertThat(replica.digest()).isEqualTo(ring.get(0).digest()));
        long changeSets = ring.get(0).status().vector().entries().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        assertThat(moved.get())
                .as("received by those who asked, each at most once")
                .isLessThanOrEqualTo(4 * changeSets);
    }

    @Test
    void whatComesFromOnePeerGoesOnToTheOthers() throws Exception {
        Replica ann = notes("ann");
        Replica between = notes("between");
        Replica bob = notes("bob");
        BlockingQueue<String> arrivals = arrivals(bob);
        awaitLive(
                between.connect(ann.serve(0).url()),
                bob.connect(between.serve(0).url()));

        ann.execute("INSERT INTO note VALUES ('a', 'x')");
        assertThat(arrivals.poll(60, TimeUnit.SECONDS)).isEqualTo("a");
    }

    @Test
    void writesAreReachedOverServedReplicasToo() throws Exception {
        Replica ann = notes("ann");
        Replica bob = notes("bob");
        Replica cid = notes("cid");
        URI url = ann.serve(0).url();
        awaitLive(bob.connect(url), cid.connect(url));

        ann.execute("INSERT INTO note VALUES ('a', 'x')");
        ann.whenReached(2).get(60, TimeUnit.SECONDS);
    }

    @Test
    void itAnswersByTheClockOfTheReplica() {
        long now = 1_000_000_000_000L;
        Surroundings around =
                new Surroundings(new JdbcDriver(), new Place(folder.resolve("state")), () -> now, new Random(1));
        Replica ann = Replica.create(folder.resolve("ann.db"), "notes", setup -> {}, around);
        replicas.add(ann);
        ServerOptions options =
                ServerOptions.builder().port(0).data(folder.resolve("tokens")).build();

        assertThat(timeAt(ann.serve(0).url())).isEqualTo(now);
        try (ReplicaServer server = ReplicaServer.start(ann, options)) {
            assertThat(timeAt(server.url())).isEqualTo(now);
        }
    }

    @Test
    void itAsksByTheClockOfTheReplica() {
        long ahead = 3_600_000;
        Surroundings around = new Surroundings(
                new JdbcDriver(),
                new Place(folder.resolve("state")),
                () -> System.currentTimeMillis() + ahead,
                new Random(1));
        Replica ann = Replica.create(folder.resolve("ann.db"), "notes", setup -> {}, around);
        replicas.add(ann);
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")))) {
            ann.sync(relay.url());
            long told = new RelayClient(relay.url())
                    .json("GET", "/v1/dashboard", null, null)
                    .json()
                    .at("/spaces/0/replicas/0/clockOffsetMillis")
                    .asLong();
            assertThat(told).isBetween(ahead - 60_000, ahead + 60_000);
        }
    }

    private static long timeAt(URI url) {
        return new RelayClient(url)
                .json("GET", "/v1/spaces/notes", null, null)
                .json()
                .path("time")
                .asLong();
    }

    @Test
    void aReplicaOfAnotherSpaceHearsSo() {
        URI url = notes("ann").serve(0).url();
        Replica other = Replica.create(folder.resolve("other.db"), "other");
        replicas.add(other);

        SyncOutcome outcome = other.sync(url);
        assertThat(outcome).isInstanceOf(SyncOutcome.Failed.class);
        assertThat(((SyncOutcome.Failed) outcome).reason())
                .contains("a replica of another space is served at this address")
                .doesNotContain("notes");
    }

    @Test
    void tokensCountAsAtARelay() {
        Replica ann = notes("ann");
        Path access = folder.resolve("ann.db.tokens");
        String secret;
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), access)) {
            secret = new Tokens(store.tokens(), Clock.systemUTC())
                    .create("notes", EnumSet.of(Right.READ), "Bob")
                    .text();
        }
        ServerOptions options = ServerOptions.builder().port(0).data(access).build();
        Replica bob = notes("bob");
        ann.execute("INSERT INTO note VALUES ('a', 'of Ann')");
        try (ReplicaServer server = ReplicaServer.start(ann, options)) {
            assertThat(bob.sync(server.url())).isInstanceOf(SyncOutcome.Failed.class);
            PeerOptions reading = PeerOptions.builder().token(secret).pullOnly().build();
            assertThat(bob.sync(server.url(), reading)).isInstanceOf(SyncOutcome.Settled.class);
        }
        assertThat(bob.query("SELECT title FROM note")).hasSize(1);
    }

    @Test
    void othersAreNotLetInWithoutTokens() {
        Replica ann = notes("ann");
        ServerOptions everywhere = ServerOptions.builder()
                .host("0.0.0.0")
                .port(0)
                .data(folder.resolve("tokens"))
                .build();

        assertThatThrownBy(() -> ReplicaServer.start(ann, everywhere))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("anabranch token create");
    }

    @Test
    void afterwardsTheReplicaIsOpenAndItsAddressFree() {
        Replica ann = notes("ann");
        ServedReplica first = ann.serve(0);
        int port = first.url().getPort();
        first.close();
        first.close();

        ann.execute("INSERT INTO note VALUES ('a', 'x')");
        assertThat(ann.serve(port).url()).isEqualTo(first.url());
    }

    private Replica notes(String name) {
        Replica replica = Replica.create(folder.resolve(name + ".db"), "notes");
        replica.execute("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)");
        replica.enrol("note", TableRules.defaults());
        replicas.add(replica);
        return replica;
    }

    private static BlockingQueue<String> arrivals(Replica replica) {
        BlockingQueue<String> arrivals = new LinkedBlockingQueue<>();
        replica.onChange(change -> arrivals.add(String.valueOf(change.key().get(0))));
        return arrivals;
    }

    private static void awaitLive(PeerLink... links) throws InterruptedException {
        for (PeerLink link : links) {
            awaitThat(() -> link.isLive() && link.lastOutcome() instanceof SyncOutcome.Settled);
        }
    }

    private static void awaitThat(java.util.function.BooleanSupplier condition) throws InterruptedException {
        Object nobodyNotifies = new Object();
        synchronized (nobodyNotifies) {
            while (!condition.getAsBoolean()) {
                nobodyNotifies.wait(10);
            }
        }
    }
}
