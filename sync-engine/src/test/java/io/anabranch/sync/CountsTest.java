// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.session.Direction;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An outcome counts each change set that moved, once, and none that did not. */
class CountsTest {
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
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void whatCameAnotherWayMeanwhileIsNotCountedAgain() {
        TestReplica cid = world.replica("cid");
        world.exchange(cid, ann);
        insert(ann, 3);
        world.exchange(cid, ann);

        assertThat(world.exchange(bob, cid)).as("from one").isEqualTo(new SyncOutcome.Settled(0, 3));
        SyncOutcome.Settled other = (SyncOutcome.Settled) world.exchange(bob, ann);
        assertThat(other.received()).as("from the other").isZero();
    }

    @Test
    void whatMovedBeforeTheLineBrokeIsToldWithTheNextOutcome() {
        insert(ann, 40);
        bob.sql("INSERT INTO item VALUES ('b', 'of Bob')");
        Untold untold = new Untold();
        World.Direct line = new World.Direct(ann.file());
        int[] answers = new int[1];
        Transport breaking = new Transport() {
            @Override
            public Result exchange(String space, byte[] request) {
                return answers[0]++ == 1 ? new Result.Unreachable("cut by the test") : line.exchange(space, request);
            }

            @Override
            public void close() {}
        };

        SyncOutcome broken = new Exchange(bob.file(), breaking, "test:new name", Direction.BOTH, untold).run();
        assertThat(broken).isInstanceOf(SyncOutcome.Unreachable.class);
        assertThat(bob.rows("item")).as("taken before the line broke").hasSize(41);

        SyncOutcome whole = new Exchange(bob.file(), breaking, "test:new name", Direction.BOTH, untold).run();
        assertThat(whole).isEqualTo(new SyncOutcome.Settled(1, 40));
    }

    @Test
    void aChangeSetInPartsCountsOnceAndWhenItIsWhole() {
        ann.file().limits(new BodyLimits(1_000, 1_000, 1 << 20));
        ann.sqls(many(0, 2_000));
        ann.seal();
        ann.file().limits(BodyLimits.DEFAULT);
        insert(ann, 1);

        assertThat(world.exchange(bob, ann)).isEqualTo(new SyncOutcome.Settled(0, 2));
        bob.file().limits(new BodyLimits(1_000, 1_000, 1 << 20));
        bob.sqls(many(5_000, 2_000));
        assertThat(world.exchange(bob, ann)).isEqualTo(new SyncOutcome.Settled(1, 0));
    }

    @Test
    void aSnapshotCountsForAllThatItStandsFor() {
        insert(ann, 5);
        long held = ann.file().heads().vector().entries().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        world.exchange(bob, ann);
        ann.file().compact();
        TestReplica cid = world.replica("cid");

        assertThat(world.exchange(cid, ann)).isEqualTo(new SyncOutcome.Settled(0, held));
    }

    private static String[] many(int from, int count) {
        String[] statements = new String[count];
        for (int i = 0; i < count; i++) {
            statements[i] = "INSERT INTO item VALUES ('m" + (from + i) + "', 'one of many')";
        }
        return statements;
    }

    private static void insert(TestReplica replica, int count) {
        for (int i = 0; i < count; i++) {
            replica.sql("INSERT INTO item VALUES ('" + replica.name() + i + "', 'x')");
            replica.seal();
        }
    }
}
