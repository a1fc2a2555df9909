// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Direction;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.FreshBeginning;
import io.anabranch.sync.transport.Transport;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file whose change sets a peer will not take under their name begins anew from that peer, and loses nothing. */
class RecoveryTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        a.enrol("item", TableRules.defaults().counter("stock"));
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 5), ('pot', 'Pot', 7)");
        b = world.replica("b");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** A file that writes under the origin of {@code a}, as the clone of a whole machine does. */
    private TestReplica twin() throws IOException {
        return twinOf(a, "twin");
    }

    private TestReplica twinOf(TestReplica one, String name) throws IOException {
        one.sql("PRAGMA wal_checkpoint(TRUNCATE)");
        Files.copy(one.file().path(), folder.resolve(name + ".db"), StandardCopyOption.REPLACE_EXISTING);
        Origin origin = one.file().self();
        TestReplica twin = world.replica(name);
        twin.sql("UPDATE _ab_meta SET value = x'" + origin + "' WHERE name = 'self'");
        return twin;
    }

    private static FreshBeginning.Recovered recover(TestReplica replica, TestReplica from) {
        Snapshot.Id id = from.snapshotFor(VersionVector.EMPTY);
        if (id == null) {
            return replica.file()
                    .freshBeginning()
                    .from(List.of(), from.changeSets(), VersionVector.EMPTY, VersionVector.EMPTY);
        }
        replica.file().freshBeginning().stage(id, 0, from.file().readSnapshot(id, 0, Integer.MAX_VALUE));
        return replica.file()
                .freshBeginning()
                .from(List.of(id), from.changeSets(), VersionVector.EMPTY, VersionVector.EMPTY);
    }

    @Test
    void aForkIsSaidAnewUnderAnotherNameAndCountsOnce() throws IOException {
        TestReplica twin = twin();
        a.sql("UPDATE item SET stock = stock - 1, title = 'of a' WHERE id = 'cup'");
        world.settle(a, b);
        world.pass(1_000);
        twin.sql("UPDATE item SET stock = stock - 2, title = 'of its twin' WHERE id = 'cup'");
        twin.sql("INSERT INTO item VALUES ('pan', 'Pan', 1)");
        twin.seal();
        twin.sql("DELETE FROM item WHERE id = 'pot'");

        assertThat(recover(twin, b)).isInstanceOf(FreshBeginning.Recovered.Done.class);
        assertThat(twin.rows("item")).containsExactly("cup|of its twin|2", "pan|Pan|1");
        world.settle(b, twin);
        world.settle(b, a);
        assertThat(a.rows("item")).isEqualTo(twin.rows("item"));
        world.assertConverged(a, b, twin);

        twin.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        a.sql("UPDATE item SET stock = stock + 100 WHERE id = 'cup'");
        world.settle(b, twin, a);
        assertThat(b.rows("item")).containsExactly("cup|of its twin|112", "pan|Pan|1");
        world.assertConverged(a, b, twin);
    }

    /** The name of a branch says how it begins, and not how it goes on. */
    @Test
    void whatTwoTwinsWroteApartOnTopOfOneBranchIsSaidAnewByEach() throws IOException {
        TestReplica twin = twin();
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        world.settle(a, b);
        twin.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");
        twin.seal();
        TestReplica third = twinOf(twin, "third");
        twin.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        twin.seal();
        third.sql("UPDATE item SET stock = stock + 100 WHERE id = 'cup'");
        third.seal();
        third.sql("UPDATE item SET title = 'of the third' WHERE id = 'cup'");
        third.seal();

        recover(twin, b);
        world.settle(b, twin);
        recover(third, b);
        world.settle(b, third, twin, a);

        for (TestReplica replica : List.of(a, b, twin, third)) {
            assertThat(replica.rows("item")).contains("cup|of the third|112");
        }
        world.assertConverged(a, b, twin, third);
    }

    @Test
    void itBeginsFromASnapshotWhereThePeersLogIsCut() throws IOException {
        TestReplica twin = twin();
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        world.settle(a, b);
        b.sql("UPDATE item SET title = 'Big pot' WHERE id = 'pot'");
        b.file().compact();
        b.sql("INSERT INTO item VALUES ('jar', 'Jar', 3)");
        b.seal();
        twin.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");

        assertThat(recover(twin, b)).isInstanceOf(FreshBeginning.Recovered.Done.class);
        assertThat(twin.rows("item")).containsExactly("cup|Cup|2", "jar|Jar|3", "pot|Big pot|7");
        world.settle(b, twin);
        world.assertConverged(b, twin);
        twin.sql("DELETE FROM item WHERE id = 'jar'");
        b.sql("UPDATE item SET stock = 4 WHERE id = 'jar'");
        world.settle(b, twin);
        assertThat(twin.rows("item")).containsExactly("cup|Cup|2", "jar|Jar|4", "pot|Big pot|7");
    }

    @Test
    void aRestoredFileTakesBackWhatItHadSentAndKeepsWhatItWroteSince() throws IOException {
        TestReplica restored = twin();
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        a.seal();
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'pot'");
        world.settle(a, b);
        a.close();
        restored.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");

        recover(restored, b);
        assertThat(restored.rows("item")).containsExactly("cup|Cup|14", "pot|Pot|6");
        world.settle(b, restored);
        world.assertConverged(b, restored);
    }

    @Test
    void anEditOfARowThatOthersHaveForgottenBringsItBackWhole() {
        TestReplica c = world.replica("c");
        world.settle(b, c);
        b.sql("DELETE FROM item WHERE id = 'cup'");
        assertThat(forgetAll(b)).isEqualTo(1);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        c.seal();

        recover(c, b);
        assertThat(c.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.settle(b, c);
        assertThat(b.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.assertConverged(b, c);
    }

    @Test
    void nothingChangesWhereThePeerLacksWhatOthersWrote() throws IOException {
        TestReplica twin = twin();
        b.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        world.settle(a, b);
        TestReplica c = world.replica("c");
        twin.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");
        twin.seal();
        Origin before = twin.file().self();

        assertThat(twin.file()
                        .freshBeginning()
                        .from(List.of(), c.changeSets(), VersionVector.EMPTY, VersionVector.EMPTY))
                .isInstanceOf(FreshBeginning.Recovered.Impossible.class);
        assertThat(twin.file().self()).isEqualTo(before);
        assertThat(twin.rows("item")).containsExactly("cup|Cup|3", "pot|Pot|7");
    }

    @Test
    void aRowThatOthersHaveForgottenBeginsANewLifeAndAllElseKeepsItsName() {
        TestReplica c = world.replica("c");
        world.settle(b, c);
        c.sql("UPDATE item SET stock = stock + 1");
        c.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        forgetAll(b);
        Origin before = c.file().self();
        VersionVector written = c.file().heads().vector();

        assertThat(world.exchange(c, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(c.file().self()).isEqualTo(before);
        assertThat(b.file().heads().vector().dominates(written)).isTrue();
        assertThat(c.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|8");
        assertThat(b.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|8");
        world.assertConverged(b, c);
    }

    /** Simulator, seed 1179: what c had given to d it said anew, and both counted. */
    @Test
    void whatAFencedReplicaHadGivenToAnotherCountsOnce() {
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        world.settle(b, c, d);
        c.sql("UPDATE item SET stock = stock + 1");
        world.settle(c, d);
        b.sql("DELETE FROM item WHERE id = 'cup'");
        forgetAll(b);

        world.exchange(c, b);
        world.settle(b, d);
        world.settle(b, c, d);
        assertThat(b.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|8");
        world.assertConverged(b, c, d);
    }

    @Test
    void whoPassesOnWhatAnotherWroteIsFencedToo() {
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        TestReplica e = world.replica("e");
        world.settle(b, c, d, e);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        world.settle(c, d);
        b.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(b, e);
        forgetAll(b);

        assertThat(world.exchange(d, b)).isInstanceOf(SyncOutcome.Settled.class);
        world.settle(b, e);
        assertThat(e.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.assertConverged(b, d, e);
        world.settle(b, c);
        world.assertConverged(b, c);
    }

    @Test
    void whoIsAskedGivesNothingLateToSomebodyWhoHasForgotten() {
        TestReplica c = world.replica("c");
        world.settle(b, c);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        c.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        forgetAll(b);

        world.exchange(b, c);
        assertThat(b.rows("item")).isEqualTo(c.rows("item"));
        assertThat(c.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.assertConverged(b, c);
    }

    @Test
    void aFenceBindsTheContextOfAChangeSetAndNotTheVectorOfItsSender() {
        TestReplica c = world.replica("c");
        world.settle(b, c);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        c.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        b.seal();
        // It pulls before it pushes: now its vector covers the delete, and its change set still does not.
        c.file()
                .accept(b.file()
                        .missing(c.file().heads().vector(), Long.MAX_VALUE)
                        .changeSets());
        forgetAll(b);

        assertThat(world.exchange(c, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(b.rows("item")).isEqualTo(c.rows("item"));
        assertThat(c.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.assertConverged(b, c);
    }

    @Test
    void whatWasWrittenLateToARowThatBeganAnewElsewhereIsListedAsLost() {
        TestReplica c = world.replica("c");
        world.settle(b, c);
        c.sql("UPDATE item SET title = 'Late cup' WHERE id = 'cup'");
        c.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        forgetAll(b);
        b.sql("INSERT INTO item VALUES ('cup', 'New cup', 1)");

        world.settle(b, c);
        assertThat(c.rows("item")).containsExactly("cup|New cup|1", "pot|Pot|7");
        world.assertConverged(b, c);
        assertThat(c.file().reports().conflicts())
                .extracting(each -> each.lost().value())
                .contains(Value.of("Late cup"));
    }

    @Test
    void twoSnapshotsOfWhichNeitherStandsForTheOtherAreSettledWithTogether() {
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        world.settle(b, c, d);
        c.sql("UPDATE item SET stock = stock + 1");
        c.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        VersionVector fence = b.file().heads().vector();
        forgetAll(b);
        d.sql("INSERT INTO item VALUES ('jar', 'Jar', 3)");
        d.file().compact();
        List<Snapshot.Id> staged = new ArrayList<>();
        for (TestReplica peer : List.of(b, d)) {
            Aside.Offer offer = requireNonNull(peer.file().newest());
            c.file().freshBeginning().stage(offer.id(), 0, peer.file().readSnapshot(offer.id(), 0, Integer.MAX_VALUE));
            staged.add(offer.id());
        }

        assertThat(c.file().freshBeginning().settle(staged, List.of(), fence, VersionVector.EMPTY))
                .isTrue();
        assertThat(c.rows("item")).containsExactly("cup|Cup|6", "jar|Jar|3", "pot|Pot|8");
        world.settle(b, c, d);
        assertThat(b.rows("item")).isEqualTo(c.rows("item"));
        world.assertConverged(b, c, d);
    }

    /** Its requests brought nothing, so nobody held what it was given against its fence. */
    @Test
    void whoOnlyPullsIsGivenNothingLateEither() {
        TestReplica c = world.replica("c");
        world.settle(b, c);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        c.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        forgetAll(b);

        new Exchange(b.file(), answering(c), "test:c", Direction.PULL, new Untold()).run();
        world.settle(b, c);
        assertThat(b.rows("item")).isEqualTo(c.rows("item"));
        assertThat(c.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.assertConverged(b, c);
    }

    /** Each has something that may be late for the other: neither takes that, and both settle with a third. */
    @Test
    void whoSettlesTakesNothingLateItself() {
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        world.settle(b, c, d);
        c.sql("INSERT INTO item VALUES ('jar', 'Jar', 1)");
        VersionVector held = c.file().heads().vector();
        c.file().holdAgainst(held, held);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        c.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(b, d);
        forgetAll(b);
        forgetAll(d);
        relayed(d, b, 1);
        b.sql("INSERT INTO item VALUES ('pan', 'Pan', 1)");

        world.exchange(b, c);
        world.exchange(c, b);
        world.settle(d, c, b);
        world.settle(d, c, b);
        assertThat(b.rows("item")).containsExactly("cup|Cup|6", "jar|Jar|1", "pan|Pan|1", "pot|Pot|7");
        world.assertConverged(b, c, d);
    }

    /** What it held before says nothing of what it has held against its fence since. */
    @Test
    void whatARestoredRelayHasLostIsHeldAgainstItsFence() {
        TestReplica c = world.replica("c");
        TestReplica restored = world.replica("restored");
        world.settle(b, c, restored);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        assertThat(relayed(c, b, 1)).isInstanceOf(SyncOutcome.Settled.class);
        restored.sql("DELETE FROM item WHERE id = 'cup'");
        forgetAll(restored);

        assertThat(relayed(c, restored, 2)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(restored.rows("item")).isEqualTo(c.rows("item"));
        assertThat(c.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.assertConverged(restored, c);
    }

    /** b asked and went away before it gave what c was to settle with; then c takes a snapshot of somebody else. */
    @Test
    void onlyTheSnapshotOfWhoFencesIsSettledWith() {
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        world.settle(b, c, d);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        c.seal();
        d.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        d.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        b.seal();
        a.sql("INSERT INTO item VALUES ('pan', 'Pan', 1)");
        a.seal();
        for (TestReplica each : List.of(a, b)) {
            d.file()
                    .accept(each.file()
                            .missing(d.file().heads().vector(), Long.MAX_VALUE)
                            .changeSets());
        }
        forgetAll(b);
        d.file().compact();
        Transport direct = answering(c);
        int[] asked = new int[1];
        Transport dying = new Transport() {
            @Override
            public Result exchange(String space, byte[] request) {
                return ++asked[0] > 2 ? new Result.Unreachable("gone") : direct.exchange(space, request);
            }

            @Override
            public void close() {}
        };
        new Exchange(b.file(), dying, "test:c").run();

        assertThat(world.exchange(c, d)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(c.file().purged()).isEqualTo(VersionVector.EMPTY);
        world.exchange(b, c);
        world.settle(b, c, d);
        assertThat(b.rows("item")).isEqualTo(c.rows("item"));
        assertThat(c.rows("item")).containsExactly("cup|Cup|16", "pan|Pan|1", "pot|Pot|7");
        world.assertConverged(b, c, d);
    }

    /** While b waits for the answer, another link tells it of a fence. */
    @Test
    void whatWasAskedForBeforeTheFenceRoseIsAskedForAgain() {
        TestReplica c = world.replica("c");
        world.settle(b, c);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        c.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");
        b.seal();
        Transport direct = answering(c);
        Transport slow = new Transport() {
            @Override
            public Result exchange(String space, byte[] request) {
                Result answer = direct.exchange(space, request);
                forgetAll(b);
                return answer;
            }

            @Override
            public void close() {}
        };

        new Exchange(b.file(), slow, "test:c").run();
        world.settle(b, c);
        assertThat(b.rows("item")).isEqualTo(c.rows("item"));
        assertThat(c.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.assertConverged(b, c);
    }

    @Test
    void whatAPeerLetsOthersForgetLaterIsForgottenLater() {
        TestReplica c = world.replica("c");
        b.sql("DELETE FROM item WHERE id = 'cup'");
        VersionVector all = b.file().heads().vector();
        b.file().holdAgainst(all, all);
        world.settle(b, c);
        assertThat(c.file().forgotten()).isEqualTo(VersionVector.EMPTY);

        b.file().announcePurged(all, all);
        world.settle(b, c);
        assertThat(c.file().forgotten()).isEqualTo(all);
    }

    /** c must settle because of what it has heard; what was deleted since the fence is not late. */
    @Test
    void aRowThatNobodyMayHaveForgottenKeepsItsLife() {
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        world.settle(b, c, d);
        relayed(d, b, 1);
        relayed(d, b, 1);
        VersionVector fence = b.file().heads().vector();
        b.file().holdAgainst(fence, fence);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        c.seal();
        d.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        d.seal();
        b.sql("DELETE FROM item WHERE id = 'cup'");

        assertThat(relayed(c, b, 1)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(relayed(d, b, 1)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(b.rows("item")).containsExactly("cup|Cup|16", "pot|Pot|7");
        assertThat(relayed(c, b, 1)).isInstanceOf(SyncOutcome.Settled.class);
        world.assertConverged(b, c, d);
    }

    /** It writes before each exchange, and nothing is ever idle. */
    @Test
    void whatCameFromAReplicaIsHearsayUntilARelayHoldsAllForOnce() {
        TestReplica c = world.replica("c");
        world.settle(b, c);
        for (int i = 0; i < 3; i++) {
            c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'pot'");
            assertThat(relayed(c, b, 1)).isInstanceOf(SyncOutcome.Settled.class);
        }
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'pot'");
        c.seal();
        VersionVector all = b.file().heads().vector();
        assertThat(c.file().holdAgainst(all, all)).isTrue();
    }

    private static Transport answering(TestReplica server) {
        return new World.Direct(new AnsweringPeer(server.file(), () -> {}, () -> {}));
    }

    /** A replica's file in a relay's place: it has held all when it took it. */
    private static Transport relay(TestReplica server, int epoch) {
        AnsweringPeer file = new AnsweringPeer(server.file(), () -> {}, () -> {});
        PeerStore store = (PeerStore) Proxy.newProxyInstance(
                RecoveryTest.class.getClassLoader(),
                new Class<?>[] {PeerStore.class},
                (proxy, method, given) -> method.getName().equals("mayGive") ? true : method.invoke(file, given));
        return new World.Direct(store, Hash128.of(new byte[] {(byte) epoch}, new byte[0]));
    }

    /** Exchanges as with a relay, which is always at one address. */
    private static SyncOutcome relayed(TestReplica client, TestReplica server, int epoch) {
        return new Exchange(client.file(), relay(server, epoch), "test:relay").run();
    }

    @Test
    void whoHasSeenWhatWasPurgedIsNotFenced() {
        b.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(b, a);
        forgetAll(b);
        Origin before = a.file().self();
        a.sql("INSERT INTO item VALUES ('cup', 'New cup', 1)");

        assertThat(world.exchange(a, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(a.file().self()).isEqualTo(before);
        assertThat(b.rows("item")).containsExactly("cup|New cup|1", "pot|Pot|7");
        world.assertConverged(a, b);
    }

    @Test
    void nothingIsForgottenBeforeAllIsHereThatThePeerHeld() {
        VersionVector purged = b.file().heads().vector();
        b.file().holdAgainst(purged, purged);
        b.file().announcePurged(purged, purged.with(a.file().self(), 1_000));
        assertThat(b.file().forgotten()).isEqualTo(VersionVector.EMPTY);
        b.file().announcePurged(purged, purged);
        assertThat(b.file().forgotten()).isEqualTo(purged);
    }

    @Test
    void whoBeginsAnewForgetsOnlyWhatAllRelaysFenceBy() {
        VersionVector fence = b.file().heads().vector();
        TestReplica c = world.replica("c");
        assertThat(c.file().freshBeginning().from(List.of(), b.changeSets(), fence, VersionVector.EMPTY))
                .isInstanceOf(FreshBeginning.Recovered.Done.class);
        assertThat(c.file().purged()).isEqualTo(fence);
        assertThat(c.file().forgotten()).isEqualTo(VersionVector.EMPTY);
    }

    /** Has a replica forget all that is hidden there, and returns how much that was. */
    private static long forgetAll(TestReplica replica) {
        VersionVector all = replica.file().heads().vector();
        replica.file().holdAgainst(all, all);
        replica.file().announcePurged(all, VersionVector.EMPTY);
        return replica.file().compact().livesPurged();
    }

    // ---- Third parties to a fork

    /** Counterexample 7: c holds the one history of a, b the other, and neither wrote any of it. */
    @Test
    void whoHoldsTheOtherBranchFollowsOnceItsWriterHasBegunAnew() throws IOException {
        TestReplica twin = twin();
        TestReplica c = world.replica("c");
        a.sql("UPDATE item SET stock = stock - 1, title = 'of a' WHERE id = 'cup'");
        world.settle(a, b);
        world.pass(1_000);
        twin.sql("UPDATE item SET stock = stock - 2, title = 'of its twin' WHERE id = 'cup'");
        world.settle(twin, c);
        c.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        c.seal();
        c.sql("DELETE FROM item WHERE id = 'pot'");

        assertThat(world.exchange(c, b)).isInstanceOf(SyncOutcome.Refused.class);
        assertThat(c.rows("item")).containsExactly("cup|of its twin|13");
        assertThat(world.exchange(twin, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(world.exchange(c, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(c.rows("item")).containsExactly("cup|of its twin|12");
        world.settle(b, a, twin, c);
        assertThat(a.rows("item")).containsExactly("cup|of its twin|12");
        world.assertConverged(a, b, c, twin);
        for (TestReplica each : List.of(b, c, twin)) {
            assertThat(each.file().verify().problems()).isEmpty();
        }
    }

    @Test
    void whoWroteNothingOnTopOfABranchKeepsItsName() throws IOException {
        TestReplica twin = twin();
        TestReplica c = world.replica("c");
        world.settle(a, c);
        c.sql("INSERT INTO item VALUES ('jar', 'Jar', 1)");
        world.settle(b, c, a);
        world.settle(b, twin);
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        world.settle(a, b);
        twin.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");
        world.settle(twin, c);
        Origin before = c.file().self();

        world.exchange(twin, b);
        assertThat(world.exchange(c, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(c.file().self()).isEqualTo(before);
        c.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        world.settle(b, a, twin, c);
        assertThat(a.rows("item")).containsExactly("cup|Cup|12", "jar|Jar|1", "pot|Pot|7");
        world.assertConverged(a, b, c, twin);
    }

    /** Each passes on what the next wrote on top of the branch: d follows only when c has. */
    @Test
    void thoseWhoWroteOnTopOfEachOtherFollowOneByOne() throws IOException {
        TestReplica twin = twin();
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        world.settle(a, b);
        twin.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");
        world.settle(twin, c);
        c.sql("INSERT INTO item VALUES ('jar', 'of c', 1)");
        world.settle(c, d);
        d.sql("UPDATE item SET title = 'of d' WHERE id = 'jar'");
        d.seal();

        assertThat(world.exchange(twin, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(world.exchange(d, b)).isInstanceOf(SyncOutcome.Refused.class);
        assertThat(world.exchange(c, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(world.exchange(d, b)).isInstanceOf(SyncOutcome.Settled.class);
        world.settle(b, a, twin, c, d);
        assertThat(a.rows("item")).containsExactly("cup|Cup|2", "jar|of d|1", "pot|Pot|7");
        world.assertConverged(a, b, c, d, twin);
    }

    // ---- Change sets in parts

    /** Bodies of more than 10,000 bytes in parts of 1,000. */
    private static final BodyLimits SMALL = new BodyLimits(10_000, 1_000, 1_000_000);

    private static void fill(TestReplica replica, int from, int to) {
        replica.file().limits(SMALL);
        replica.file()
                .transaction(db -> db.execute("WITH RECURSIVE n(i) AS (SELECT " + from
                        + " UNION ALL SELECT i + 1 FROM n WHERE i < " + to
                        + ") INSERT INTO item SELECT i, hex(zeroblob(500)), i FROM n"));
    }

    @Test
    void whatThePeerHoldsInPartsIsFetchedPartByPart() throws IOException {
        TestReplica twin = twin();
        fill(a, 1, 60);
        world.settle(a, b);
        assertThat(b.changeSets()).anyMatch(EncodedChangeSet::isInParts);
        twin.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");

        assertThat(world.exchange(twin, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(twin.rows("item")).hasSize(62).contains("cup|Cup|3");
        world.settle(b, a, twin);
        world.assertConverged(a, b, twin);
        assertThat(twin.file().verify().problems()).isEmpty();
        assertThat(twin.sqlValue("SELECT count(*) FROM _ab_part WHERE space <> 0"))
                .isEqualTo("0");
    }

    @Test
    void whatThisFileWroteInPartsIsSaidAnewInParts() throws IOException {
        TestReplica twin = twin();
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        world.settle(a, b);
        fill(twin, 1, 60);
        twin.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");

        assertThat(world.exchange(twin, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(b.rows("item")).hasSize(62).contains("cup|Cup|2");
        world.settle(b, a, twin);
        world.assertConverged(a, b, twin);
        assertThat(twin.file().verify().problems()).isEmpty();
    }

    @Test
    void bothHistoriesOfAForkMayBeInParts() throws IOException {
        TestReplica twin = twin();
        fill(a, 1, 60);
        world.settle(a, b);
        fill(twin, 101, 160);

        assertThat(world.exchange(twin, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(b.rows("item")).hasSize(122);
        world.settle(b, a, twin);
        world.assertConverged(a, b, twin);
        assertThat(twin.file().verify().problems()).isEmpty();
    }

    @Test
    void thePeerGetsWhatItLacksOfOthersInParts() throws IOException {
        TestReplica twin = twin();
        TestReplica c = world.replica("c");
        world.settle(b, c);
        fill(c, 1, 60);
        world.exchange(twin, c);
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        world.settle(a, b);
        twin.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");

        assertThat(world.exchange(twin, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(b.rows("item")).hasSize(62).contains("cup|Cup|2");
        world.settle(b, a, c, twin);
        world.assertConverged(a, b, c, twin);
    }
}
