// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.session.Direction;
import io.anabranch.sync.session.SyncOutcome;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links over which change sets go one way. */
class OneWayTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica ann;
    private TestReplica bob;

    @BeforeEach
    void start() {
        world = new World(folder);
        ann = world.replica("ann");
        ann.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT)");
        ann.enrol("item", TableRules.defaults());
        bob = world.replica("bob");
        world.settle(ann, bob);
        ann.sql("INSERT INTO item VALUES ('a', 'of Ann')");
        bob.sql("INSERT INTO item VALUES ('b', 'of Bob')");
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void aPushBringsThePeerAllAndTakesNothing() {
        assertThat(exchange(bob, ann, Direction.PUSH)).isEqualTo(new SyncOutcome.Settled(1, 0));

        assertThat(ann.rows("item")).containsExactly("a|of Ann", "b|of Bob");
        assertThat(bob.rows("item")).containsExactly("b|of Bob");
    }

    @Test
    void aPullTakesAllAndBringsNothing() {
        assertThat(exchange(bob, ann, Direction.PULL)).isEqualTo(new SyncOutcome.Settled(0, 1));

        assertThat(ann.rows("item")).containsExactly("a|of Ann");
        assertThat(bob.rows("item")).containsExactly("a|of Ann", "b|of Bob");
    }

    @Test
    void thereAndBackOverTwoOneWayLinksIsAnExchange() {
        exchange(bob, ann, Direction.PUSH);
        exchange(bob, ann, Direction.PULL);

        world.assertConverged(ann, bob);
    }

    @Test
    void aRingOfOneWayLinksConverges() {
        TestReplica cid = world.replica("cid");
        for (int round = 0; round < 2; round++) {
            exchange(ann, bob, Direction.PUSH);
            exchange(bob, cid, Direction.PUSH);
            exchange(cid, ann, Direction.PUSH);
        }
        world.assertConverged(ann, bob, cid);
    }

    @Test
    void nothingIsSaidToHaveMovedTwice() {
        exchange(bob, ann, Direction.PUSH);

        assertThat(exchange(bob, ann, Direction.PUSH)).isEqualTo(new SyncOutcome.Settled(0, 0));
        assertThat(exchange(bob, ann, Direction.PULL)).isEqualTo(new SyncOutcome.Settled(0, 1));
        assertThat(exchange(bob, ann, Direction.PULL)).isEqualTo(new SyncOutcome.Settled(0, 0));
    }

    @Test
    void aNewcomerPullsASnapshotWhereTheLogWasCut() {
        world.settle(ann, bob);
        ann.file().compact();
        TestReplica cid = world.replica("cid");

        assertThat(exchange(cid, ann, Direction.PULL)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(cid.rows("item")).containsExactly("a|of Ann", "b|of Bob");
    }

    @Test
    void aSnapshotIsPushedToAPeerThatLacksWhatTheLogNoLongerHas() {
        world.settle(ann, bob);
        ann.file().compact();
        TestReplica cid = world.replica("cid");

        assertThat(exchange(ann, cid, Direction.PUSH)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(cid.rows("item")).containsExactly("a|of Ann", "b|of Bob");
    }

    private SyncOutcome exchange(TestReplica client, TestReplica server, Direction direction) {
        World.Direct transport = new World.Direct(server.file());
        return new Exchange(client.file(), transport, "test:" + server.name(), direction, new Untold()).run();
    }
}
