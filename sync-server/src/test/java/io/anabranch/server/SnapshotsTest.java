// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.space.RelaySpace;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.Verification;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotReader;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.SyncOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay that forgets: what it keeps of a space, who needs that, and what becomes of those who come late. */
class SnapshotsTest {
    private static final long DAY = Duration.ofDays(1).toMillis();
    /** Asks at once, cuts at once what is covered, purges after ten days. */
    private static final Retention HASTY = new Retention(1, 0, Duration.ZERO, Duration.ofDays(10));

    @TempDir
    Path folder;

    private final List<Replica> replicas = new ArrayList<>();
    private RelayServer relay;
    private Path data;
    private Replica ann;
    private Replica bob;

    @BeforeEach
    void start() {
        relay = relay("relay.db");
        ann = notes("ann");
        bob = notes("bob");
    }

    @AfterEach
    void stop() {
        replicas.forEach(Replica::close);
        relay.close();
    }

    @Test
    void aRelayThatCutItsLogServesNewcomersFromASnapshotAndTheTail() {
        write(ann, 0, 50);
        settle(ann);
        inRelay(space -> assertThat(space.usage().snapshotBytes()).isPositive());
        relay.tend(DAY);
        write(ann, 50, 55);
        settle(ann);
        inRelay(space -> assertThat(space.usage().changeSets()).isLessThan(50));

        Replica carl = empty("carl");
        settle(carl);
        assertThat(titles(carl)).hasSize(55).isEqualTo(titles(ann));
        assertThat(carl.digest()).isEqualTo(ann.digest());
        settle(bob);
        assertThat(bob.digest()).isEqualTo(ann.digest());
    }

    /** Counterexample 17, through a relay: what ann does not understand outlives that the relay cuts its log behind her snapshot. */
    @Test
    void whatTheMakerOfASnapshotDoesNotUnderstandReachesNewcomersAsItCame() {
        EncodedChangeSet later = ChangeSets.of(9).write("of a table that nobody has declared yet");
        Origin writer = later.header().origin();
        new RelayClient(relay.url()).sync("shop", null, writer, later);
        write(ann, 0, 50);
        settle(ann, ann);
        relay.tend(DAY);
        inRelay(space -> {
            assertThat(space.missing(VersionVector.EMPTY, 1 << 20).changeSets())
                    .as("cut")
                    .isEmpty();
            assertThat(heldIn(space)).extracting(EncodedChangeSet::bytes).containsExactly(later.bytes());
        });

        Replica carl = empty("carl");
        settle(carl);
        carl.compact();
        relay.close();
        relay = relay("another.db");
        settle(carl, carl);
        inRelay(space ->
                assertThat(heldIn(space)).extracting(EncodedChangeSet::bytes).containsExactly(later.bytes()));
    }

    /** Returns the change sets in the newest snapshot of which its maker did not understand everything. */
    private static List<EncodedChangeSet> heldIn(RelaySpace space) {
        Aside.Offer offer = Objects.requireNonNull(space.newest());
        byte[] bytes = space.readSnapshot(offer.id(), 0, (int) offer.id().sizeBytes());
        List<EncodedChangeSet> held = new ArrayList<>();
        SnapshotReader.read(List.of(bytes).iterator(), entry -> {
            if (entry instanceof Snapshot.Held each) {
                held.add(each.changeSet());
            }
        });
        return held;
    }

    /** Counterexample 34, through a relay. */
    @Test
    void whoCameByTheRelaysSnapshotAndTheTailIsVerifiedFromThese() {
        write(ann, 0, 50);
        settle(ann);
        relay.tend(DAY);
        write(ann, 50, 55);
        settle(ann);
        Replica carl = empty("carl");
        settle(carl);

        Verification verification = carl.verify();
        assertThat(verification.problems()).isEmpty();
        assertThat(verification.rows()).isEqualTo(55);
        assertThat(verification.changeSets())
                .as("of the tail, and its own that declares nothing new")
                .isLessThan(10);
    }

    @Test
    void whoKeepsUpNeedsNoSnapshot() {
        write(ann, 0, 10);
        settle(ann, bob, ann);
        relay.tend(DAY);
        write(ann, 10, 12);
        settle(ann);
        settle(bob);
        assertThat(titles(bob)).hasSize(12);
        write(bob, 12, 14);
        settle(bob, ann);
        assertThat(titles(ann)).hasSize(14);
    }

    @Test
    void aWipedRelayIsFilledAgainByReplicasWhoseLogsAreCut() {
        write(ann, 0, 40);
        settle(ann, bob, ann);
        ann.compact();
        bob.compact();
        write(bob, 40, 45);
        relay.close();
        relay = relay("another.db");

        settle(ann);
        settle(bob);
        settle(ann);
        Replica carl = empty("carl");
        settle(carl);
        assertThat(titles(carl)).hasSize(45).isEqualTo(titles(ann)).isEqualTo(titles(bob));
        assertThat(carl.digest()).isEqualTo(bob.digest());
    }

    @Test
    void aRelayIsFilledFromSeveralReplicasOfWhichNoneHasAll() {
        write(ann, 0, 10);
        write(bob, 10, 20);
        RelayServer first = relay("ann-only.db");
        assertThat(ann.sync(first.url())).isInstanceOf(SyncOutcome.Settled.class);
        RelayServer second = relay("bob-only.db");
        assertThat(bob.sync(second.url())).isInstanceOf(SyncOutcome.Settled.class);
        first.close();
        second.close();
        ann.compact();
        bob.compact();

        // Neither has what the other offers; the relay takes both.
        settle(ann, bob);

        Replica carl = empty("carl");
        settle(carl);
        assertThat(titles(carl)).hasSize(20);
        settle(ann, bob, ann);
        assertThat(carl.sync(relay.url())).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(carl.digest()).isEqualTo(ann.digest()).isEqualTo(bob.digest());
    }

    @Test
    void aRelayPutBackToAnOldBackupIsHealed() throws IOException {
        write(ann, 0, 10);
        settle(ann, bob, ann);
        relay.close();
        Files.copy(folder.resolve("relay.db"), folder.resolve("backup.db"));
        relay = relay("relay.db");
        write(ann, 10, 30);
        settle(ann, bob, ann);
        relay.tend(DAY);
        ann.compact();
        bob.compact();
        relay.close();
        Files.copy(folder.resolve("backup.db"), folder.resolve("relay.db"), StandardCopyOption.REPLACE_EXISTING);
        relay = relay("relay.db");

        write(bob, 30, 33);
        settle(bob, ann);
        Replica carl = empty("carl");
        settle(carl);
        assertThat(titles(carl)).hasSize(33).isEqualTo(titles(ann));
        assertThat(carl.digest()).isEqualTo(ann.digest());
    }

    @Test
    void theLongAbsentSettleAndLoseNothing() {
        write(ann, 0, 5);
        settle(ann, bob, ann);
        // Bob goes away, and edits a row that is deleted meanwhile, one that is not, and makes a new one.
        bob.execute("UPDATE note SET title = 'edited' WHERE id = 'n1'");
        bob.execute("UPDATE note SET title = 'edited too' WHERE id = 'n2'");
        bob.execute("INSERT INTO note VALUES ('b', 'made')");
        ann.execute("DELETE FROM note WHERE id = 'n1'");
        settle(ann);
        relay.tend(DAY);
        relay.tend(12 * DAY); // What was held on the first day is fenced by now,
        relay.tend(12 * DAY + 1); // and may be forgotten.
        settle(ann);
        ann.compact();
        inRelay(space -> assertThat(space.forgotten().isEmpty()).isFalse());

        settle(bob);
        settle(ann);
        assertThat(titles(bob)).contains("n1=edited", "n2=edited too", "b=made").isEqualTo(titles(ann));
        assertThat(bob.digest()).isEqualTo(ann.digest());
        Replica carl = empty("carl");
        settle(carl);
        assertThat(carl.digest()).isEqualTo(ann.digest());
    }

    /** It fetched the one and then the other, and the one again, for ever. */
    @Test
    void theLongAbsentSettleWithARelayOfWhichNoSnapshotStandsForAll() {
        write(ann, 0, 5);
        settle(ann, bob);
        Replica carl = empty("carl");
        settle(carl);
        bob.execute("UPDATE note SET title = 'edited' WHERE id = 'n1'");
        ann.execute("DELETE FROM note WHERE id = 'n1'");
        settle(ann, carl);
        relay.tend(DAY);
        relay.tend(12 * DAY);
        relay.tend(12 * DAY + 1);
        settle(ann, carl, ann, carl);
        // Each goes on with a relay of its own, and the relay they had in common is lost.
        for (Replica each : List.of(ann, carl)) {
            write(each, each == ann ? 10 : 20, each == ann ? 15 : 25);
            try (RelayServer alone = relay(each == ann ? "ann-only.db" : "carl-only.db")) {
                assertThat(each.sync(alone.url())).isInstanceOf(SyncOutcome.Settled.class);
            }
            each.compact();
        }
        relay.close();
        relay = relay("another.db");
        settle(ann, carl);
        inRelay(space -> assertThat(space.purged().isEmpty()).isFalse());

        settle(bob, ann, carl, bob);
        assertThat(titles(bob)).hasSize(15).contains("n1=edited").isEqualTo(titles(ann));
        assertThat(bob.digest()).isEqualTo(ann.digest()).isEqualTo(carl.digest());
    }

    @Test
    void whoFencesAlreadyByWhatMayBeForgottenNowHearsOfIt() {
        write(ann, 0, 5);
        settle(ann);
        ann.execute("DELETE FROM note WHERE id = 'n1'");
        settle(ann);
        relay.tend(DAY);
        relay.tend(12 * DAY);
        settle(ann);
        settle(ann);
        assertThat(ann.compact().livesPurged()).isZero();
        relay.tend(12 * DAY + 1);
        settle(ann);
        assertThat(ann.compact().livesPurged()).isEqualTo(1);
    }

    @Test
    void whoHasSeenWhatIsForgottenIsNotHeldUp() {
        write(ann, 0, 5);
        settle(ann, bob, ann);
        relay.tend(DAY);
        relay.tend(12 * DAY);
        var before = bob.origin();

        write(bob, 5, 7);
        settle(bob, ann);
        assertThat(bob.origin()).isEqualTo(before);
        assertThat(titles(ann)).hasSize(7);
    }

    @Test
    void aWipedRelayLearnsAgainBehindWhatNobodyMayEdit() {
        write(ann, 0, 5);
        settle(ann, bob, ann);
        relay.tend(DAY);
        relay.tend(12 * DAY);
        relay.tend(12 * DAY + 1);
        settle(ann);
        relay.close();
        relay = relay("another.db");

        settle(ann);
        settle(ann);
        inRelay(space -> assertThat(space.purged()).isEqualTo(ann.status().vector()));
    }

    /** What it learns again to fence by rises with each batch that it takes. */
    @Test
    void aWipedRelayIsFilledAgainInOneExchangeHoweverManyBatchesThatTakes() {
        ann.execute(
                "CREATE TABLE ballast AS SELECT zeroblob(100000000) AS it"); // Next to that the log is too small to be
        // cut.
        for (int i = 0; i < 10; i++) {
            ann.execute("INSERT INTO note VALUES (?, hex(randomblob(1000000)))", "n" + i);
        }
        settle(ann);
        relay.tend(DAY);
        relay.tend(12 * DAY);
        relay.tend(12 * DAY + 1);
        settle(ann);
        relay.close();
        relay = relay("another.db");

        settle(ann);
        settle(ann);
        inRelay(space -> assertThat(space.purged()).isEqualTo(ann.status().vector()));
    }

    // ---- Helpers

    private RelayServer relay(String file) {
        data = folder.resolve(file);
        return RelayServer.start(
                ServerOptions.builder().port(0).data(data).retention(HASTY).build());
    }

    private Replica notes(String name) {
        Replica replica = empty(name);
        replica.execute("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)");
        replica.enrol("note", TableRules.defaults());
        return replica;
    }

    private Replica empty(String name) {
        Replica replica = Replica.create(folder.resolve(name + ".db"), "shop");
        replicas.add(replica);
        return replica;
    }

    private static void write(Replica replica, int from, int to) {
        for (int i = from; i < to; i++) {
            replica.execute("INSERT INTO note VALUES (?, ?)", "n" + i, "note " + i);
        }
    }

    private void settle(Replica... who) {
        for (Replica replica : who) {
            SyncOutcome outcome = replica.sync(relay.url());
            assertThat(outcome).as("%s", replica.origin()).isInstanceOf(SyncOutcome.Settled.class);
        }
    }

    private static List<String> titles(Replica replica) {
        return replica.query("SELECT id || '=' || title AS note FROM note ORDER BY id").stream()
                .map(row -> String.valueOf(row.get("note")))
                .toList();
    }

    /** Looks into the relay's store, as another process would. */
    private void inRelay(Consumer<RelaySpace> look) {
        try (RelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            look.accept(new RelaySpaces(store, HASTY).space("shop"));
        }
    }
}
