// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Versions, waiting for them, and knowing that others hold what was written. */
@Timeout(120)
class WhoHoldsWhatTest {
    @TempDir
    Path folder;

    private Replica ann;
    private Replica bob;
    private Replica cid;

    @BeforeEach
    void start() {
        ann = notes("ann");
        bob = notes("bob");
        cid = notes("cid");
    }

    @AfterEach
    void stop() {
        ann.close();
        bob.close();
        cid.close();
    }

    @Test
    void aVersionCoversWhatAnotherProgramWroteAndNobodySealed() {
        Version before = ann.version();
        try (SqlDatabase other = new JdbcDriver().open(folder.resolve("ann.db"), 5_000)) {
            other.execute("INSERT INTO note VALUES ('n1', 'by another program')");
        }
        assertThat(before.includes(ann.version())).isFalse();
    }

    @Test
    void whoWaitsForAVersionReadsWhatItsWriterWrote() throws Exception {
        ann.execute("INSERT INTO note VALUES ('n1', 'on the phone')");
        Version written = Version.parse(ann.version().toString());

        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> await(bob, written));
        assertThat(bob.awaitVersion(written, Duration.ofMillis(1)))
                .as("nothing came yet")
                .isFalse();
        sync(bob, ann);

        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(bob.query("SELECT title FROM note")).hasSize(1);
        assertThat(bob.awaitVersion(written, Duration.ZERO)).as("it is here").isTrue();
    }

    @Test
    void aVersionThatAnotherProcessBringsIsNoticedToo() throws Exception {
        ann.execute("INSERT INTO note VALUES ('n1', 'on the phone')");
        Version written = ann.version();

        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> await(bob, written));
        try (Replica same = Replica.open(folder.resolve("bob.db"))) {
            sync(same, ann);
        }
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aWriteIsReachedOnceSoManyPeersHoldIt() throws Exception {
        ann.execute("INSERT INTO note VALUES ('n1', 'x')");
        CompletableFuture<Void> one = ann.whenReached(1);
        CompletableFuture<Void> two = ann.whenReached(2);
        assertThat(one).isNotDone();

        sync(ann, bob);
        one.get(60, TimeUnit.SECONDS);
        assertThat(two).isNotDone();

        sync(cid, ann); // Who asks says what it holds, too.
        sync(cid, ann);
        two.get(60, TimeUnit.SECONDS);
    }

    @Test
    void onePeerUnderTwoAddressesCountsOnce() throws Exception {
        ann.execute("INSERT INTO note VALUES ('n1', 'x')");
        CompletableFuture<Void> two = ann.whenReached(2);
        World.Direct bobs = new World.Direct(bob.asPeer());

        assertThat(ann.sync("one address", bobs)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(ann.sync("another address", bobs)).isInstanceOf(SyncOutcome.Settled.class);

        ann.whenReached(1).get(60, TimeUnit.SECONDS);
        assertThat(two).isNotDone();
    }

    @Test
    void laterWritesAreNotWaitedFor() throws Exception {
        ann.execute("INSERT INTO note VALUES ('n1', 'x')");
        CompletableFuture<Void> first = ann.whenReached(1);
        sync(ann, bob);
        ann.execute("INSERT INTO note VALUES ('n2', 'x')");

        first.get(60, TimeUnit.SECONDS);
        assertThat(ann.whenReached(1)).isNotDone();
    }

    @Test
    void whoeverStillWaitsHearsThatTheReplicaIsClosed() {
        ann.execute("INSERT INTO note VALUES ('n1', 'x')");
        CompletableFuture<Void> never = ann.whenReached(5);
        ann.close();

        assertThatThrownBy(() -> never.get(60, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
    }

    @Test
    void noPeersAreNoQuestion() {
        assertThatThrownBy(() -> ann.whenReached(0)).hasMessageContaining("peers < 1");
    }

    @Test
    void aStatusSaysHowFarAPeerIsBehind() {
        sync(ann, bob);
        assertThat(ann.status().peers().get(0).upToDate()).isTrue();

        ann.execute("INSERT INTO note VALUES ('n1', 'x')");
        ann.execute("INSERT INTO note VALUES ('n2', 'x')");
        SyncStatus status = ann.status();
        PeerStatus peer = status.peers().get(0);

        assertThat(peer.upToDate()).isFalse();
        assertThat(peer.toSend()).isEqualTo(2);
        assertThat(peer.toReceive()).isZero();
        assertThat(peer.lagMillis()).isBetween(0L, 100_000L);
        assertThat(peer.inUse()).as("nothing keeps exchanging").isFalse();
        assertThat(status.at()).isAfterOrEqualTo(peer.lastExchange());
        assertThat(status.version()).isEqualTo(ann.version());
    }

    @Test
    void aStatusSaysWhatThePeersClockIsOffBy() {
        sync(ann, bob);

        // The peer of these tests says that it is 1970.
        Long offset = ann.status().peers().get(0).clockOffsetMillis();
        assertThat(offset).isNotNull().isLessThan(-1_500_000_000_000L);
    }

    private static boolean await(Replica replica, Version version) {
        try {
            return replica.awaitVersion(version, Duration.ofSeconds(60));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void sync(Replica client, Replica server) {
        String name = server.path().getFileName().toString();
        assertThat(client.sync(name, new World.Direct(server.asPeer()))).isInstanceOf(SyncOutcome.Settled.class);
    }

    private Replica notes(String name) {
        Replica replica = Replica.create(folder.resolve(name + ".db"), "notes");
        replica.execute("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)");
        replica.enrol("note", TableRules.defaults());
        return replica;
    }
}
