// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Counterexample 18: a relay that was put back to an older state, or lost its file, is given again what it lost, and what it once
 * acknowledged counts no more. Another replica plays the relay.
 */
class RestoredPeerTest {
    private static final Hash128 EPOCH = new Hash128(1, 2);
    private static final Hash128 NEXT_EPOCH = new Hash128(3, 4);

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private TestReplica relay;
    /** The relay as it was earlier. */
    private TestReplica older;

    private TestReplica wiped;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        a.enrol("item", TableRules.defaults().counter("stock"));
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 5)");
        b = world.replica("b");
        relay = world.replica("relay");
        older = world.replica("older");
        wiped = world.replica("wiped");
        meet(a, relay, EPOCH);
        meet(b, relay, EPOCH);
        world.settle(relay, older);
        b.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        meet(b, relay, EPOCH);
        a.sql("UPDATE item SET title = 'Tea cup' WHERE id = 'cup'");
        meet(a, relay, EPOCH);
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** Lets a replica exchange with whatever answers under the relay's address now. */
    private static void meet(TestReplica client, TestReplica answering, Hash128 epoch) {
        World.Direct transport = new World.Direct(answering.file(), epoch);
        assertThat(new Exchange(client.file(), transport, "https://relay").run())
                .isInstanceOf(SyncOutcome.Settled.class);
    }

    private static long unacknowledged(TestReplica replica) {
        var known = replica.file().peerHeads("https://relay");
        return replica.file().heads().vector().countMinus(known == null ? VersionVector.EMPTY : known.vector());
    }

    @Test
    void anOlderRelayIsGivenWhatItLostOfOthersToo() {
        meet(a, older, NEXT_EPOCH);

        assertThat(older.rows("item")).containsExactly("cup|Tea cup|15");
        meet(b, older, NEXT_EPOCH);
        world.assertConverged(a, b, older);
    }

    @Test
    void aRelayRestoredFromABackupMayHaveItsOldEpoch() {
        meet(a, older, EPOCH);

        assertThat(older.rows("item")).containsExactly("cup|Tea cup|15");
    }

    @Test
    void aWipedRelayIsFilledAgain() {
        meet(a, wiped, NEXT_EPOCH);

        assertThat(wiped.rows("item")).containsExactly("cup|Tea cup|15");
        meet(b, wiped, NEXT_EPOCH);
        world.assertConverged(a, b, wiped);
    }

    @Test
    void aWipedRelayIsFilledAgainThoughTheLogIsCut() {
        a.file().compact();
        assertThat(a.changeSets()).isEmpty();
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        meet(a, wiped, NEXT_EPOCH);

        assertThat(wiped.rows("item")).containsExactly("cup|Tea cup|14");
        meet(b, wiped, NEXT_EPOCH);
        world.assertConverged(a, b, wiped);
    }

    @Test
    void whatItHadAcknowledgedCountsNoMore() {
        assertThat(unacknowledged(a)).isZero();
        World.Direct transport = new World.Direct(wiped.file(), NEXT_EPOCH);
        int[] rounds = new int[1];
        new Exchange(a.file(), new OneRound(transport, rounds), "https://relay").run();

        assertThat(unacknowledged(a))
                .as("before it has it again")
                .isEqualTo(a.file().heads().vector().countMinus(VersionVector.EMPTY));
        assertThat(rounds[0]).isGreaterThan(1);
    }

    /** What only the lost relay was known to hold is in no log of anybody else: it must stay in this one. */
    @Test
    void ownChangeSetsThatOnlyALostRelayHeldAreNotCut() {
        a.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        meet(a, relay, EPOCH);
        World.Direct transport = new World.Direct(older.file(), NEXT_EPOCH);
        new Exchange(a.file(), new OneRound(transport, new int[1]), "https://relay").run();
        long own = a.ownSeq();
        a.file().compact();

        assertThat(a.changeSets()).anyMatch(set -> set.header().seq() == own);
    }

    /** A network that fails after the first answer. */
    private record OneRound(World.Direct transport, int[] rounds) implements Transport {
        @Override
        public Result exchange(String space, byte[] request) {
            // The first answer says only that the base is not known, or what is held; nothing is given before it.
            return ++rounds[0] > 2 ? new Result.Unreachable("gone") : transport.exchange(space, request);
        }

        @Override
        public void close() {}
    }
}
