// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.TableRules;
import io.anabranch.sync.session.SyncOutcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncWorldTest {
    private static void notes(SimulatedReplica replica) {
        replica.sql("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
        replica.enrol("note", TableRules.defaults().counter("likes"));
    }

    private static SyncWorld.Builder world() {
        return SyncWorld.seeded(1).replicas(3).setUp(SyncWorldTest::notes);
    }

    private static SyncWorld.Builder world(boolean onFiles) {
        return onFiles ? world().onFiles() : world();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void likesOnBothSidesOfAPartitionAllCount(boolean onFiles) {
        try (SyncWorld world = world(onFiles).start()) {
            SimulatedReplica a = world.replica(0);
            SimulatedReplica b = world.replica(1);
            a.sql("INSERT INTO note VALUES ('n', 'Milk', 0)");
            world.settle();
            world.isolate(b);
            a.sql("UPDATE note SET likes = likes + 1");
            b.sql("UPDATE note SET likes = likes + 2");
            assertThat(a.sync(b)).isInstanceOf(SyncOutcome.Unreachable.class);

            world.heal();
            world.settle();

            assertThat(world.replica(2).rows("SELECT likes FROM note")).containsExactly("3");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCrashBeforeTheCommitLeavesNothing(boolean onFiles) {
        try (SyncWorld world = world(onFiles).start()) {
            SimulatedReplica a = world.replica(0);
            a.crashAfter(3);
            assertThatThrownBy(() -> a.transaction(db -> db.execute("INSERT INTO note VALUES ('n', 'Milk', 0)")))
                    .isInstanceOf(Crash.class);
            assertThat(a.isUp()).isFalse();

            a.restart();

            assertThat(a.rows("SELECT * FROM note")).isEmpty();
            world.settle();
        }
    }

    @Test
    void aWriteThatSawAValueBeatsItWhateverTheClocksSay() {
        try (SyncWorld world = world().start()) {
            SimulatedReplica a = world.replica(0);
            SimulatedReplica b = world.replica(1);
            a.clock().jump(Duration.ofDays(3650));
            a.sql("INSERT INTO note VALUES ('n', 'from the future', 0)");
            world.settle();
            b.sql("UPDATE note SET title = 'now'");

            world.settle();

            assertThat(a.rows("SELECT title FROM note")).containsExactly("now");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCopyWritesUnderANameOfItsOwn(boolean onFiles) {
        try (SyncWorld world = world(onFiles).start()) {
            SimulatedReplica a = world.replica(0);
            a.sql("INSERT INTO note VALUES ('n', 'Milk', 1)");

            SimulatedReplica copy = world.copy(a, true);
            copy.sql("UPDATE note SET likes = likes + 1");
            a.sql("UPDATE note SET likes = likes + 1");
            world.settle();

            assertThat(copy.origin()).isNotEqualTo(a.origin());
            assertThat(copy.rows("SELECT likes FROM note")).containsExactly("3");
        }
    }

    @Test
    void aStoppedClockRunsOnFromWhatItShows() {
        SimulatedClock clock = new SimulatedClock(() -> 5);
        clock.jump(Duration.ofMillis(2));

        clock.stop();
        clock.goOn();

        assertThat(clock.getAsLong()).isEqualTo(7);
    }
}
