// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.session.SyncOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What simulations found, each as small as it can be; {@code docs/testing.md} tells of them. */
class FoundBySimulationTest {
    @Test
    void aDiskThatFailsIsToldInTheLibrarysOwnWords() {
        try (SyncWorld world = SyncWorld.seeded(1).replicas(2).start()) {
            SimulatedReplica a = world.replica(0);
            a.driver().arm(FaultyDriver.Kind.IO_ERROR, 0);

            // Which no connection remembers, so the file is looked at.
            assertThatThrownBy(() -> a.replica().space())
                    .isInstanceOf(SyncException.class)
                    .hasMessageContaining("disk I/O error");
        }
    }

    @Test
    void aDiskThatFailsWhileItAnswersIsToldInTheLibrarysOwnWords() {
        for (int statements = 0; statements < 40; statements++) {
            try (SyncWorld world = SyncWorld.seeded(1).replicas(2).start()) {
                SimulatedReplica a = world.replica(0);
                a.driver().arm(FaultyDriver.Kind.IO_ERROR, statements);

                assertThat(world.replica(1).sync(a))
                        .isInstanceOfAny(SyncOutcome.Failed.class, SyncOutcome.Settled.class);
                a.disarm();
                world.settle();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDiskThatFailsAmidAQueryLeavesNoLock(boolean onFiles) {
        for (int statements = 0; statements < 120; statements += onFiles ? 24 : 3) {
            try (SyncWorld world = notes(onFiles)) {
                SimulatedReplica a = world.replica(0);
                a.driver().arm(FaultyDriver.Kind.IO_ERROR, statements);
                a.sync(world.replica(1));
                a.disarm();

                a.sql("UPDATE note SET title = 'foreign'");
                a.transaction(db -> db.execute("UPDATE note SET title = 'own'"));

                assertThat(a.rows("SELECT DISTINCT title FROM note")).containsExactly("own");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSnapshotIsMadeWhereReadersAndWritersWaitForEachOther(boolean onFiles) {
        try (SyncWorld world = notes(onFiles)) {
            SimulatedReplica a = world.replica(0);
            world.settle();

            a.replica().compact();
            world.copy(a, false);
            a.sql("INSERT INTO note VALUES ('n', 'y')");

            world.settle();
        }
    }

    /** Once it stayed half alive, and the next step found a dead process. */
    @Test
    void aProcessThatEndsWhileItsLogIsReadIsDown() {
        try (SyncWorld world = notes(false)) {
            SimulatedReplica a = world.replica(0);
            a.crashAfter(0);

            assertThatThrownBy(() -> new Archive(world.checks(), false).addLog(a))
                    .isInstanceOf(Crash.class);

            assertThat(a.isUp()).isFalse();
        }
    }

    /** Once what it remembered of the write-ahead log was taken for true after a power cut had shortened that. */
    @Test
    void aProcessThatEndsAmidACompactionLeavesNoConnectionOpen() {
        int crashes = 0;
        for (int statements = 0; statements < 120; statements++) {
            try (SyncWorld world = notes(false)) {
                SimulatedReplica a = world.replica(0);
                FaultyDriver process = a.driver();
                a.crashAfter(statements);
                try {
                    a.compact();
                } catch (Crash crash) {
                    crashes++;
                    assertThat(process.hasOpenConnections()).isFalse();
                }
            }
        }
        assertThat(crashes).isGreaterThan(60);
    }

    /** Once the model took the writer of the effect to have seen nothing, and expected a conflict. */
    @Test
    void whatADeviceSentBeforeItsCauseIsNoConflictToTheModelEither() {
        try (SyncWorld world =
                SyncWorld.seeded(1).replicas(2).setUp(Workload::setUp).start()) {
            SimulatedReplica a = world.replica(0);
            Archive archive = new Archive(world.checks(), false);
            world.replicas().forEach(archive::addLog);
            world.network().observe(archive);
            a.sql("UPDATE item SET stock = 7 WHERE id = 'cup'");
            SimulatedReplica copy = world.copy(a, false); // Has the cause, so only the effect is sent to it.
            a.sql("UPDATE item SET title = 'Mug' WHERE id = 'cup'");
            a.sync(copy);
            world.settle();
            world.replicas().forEach(archive::addLog);

            archive.model(a.heads()).compareConflicts(a);

            assertThat(a.replica().conflicts("item")).isEmpty();
        }
    }

    private static SyncWorld notes(boolean onFiles) {
        SyncWorld.Builder world = SyncWorld.seeded(1).replicas(2).setUp(replica -> {
            replica.sql("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)");
            replica.enrol("note", TableRules.defaults());
            replica.sql("INSERT INTO note VALUES ('" + replica + "1', 'x'), ('" + replica + "2', 'x')");
        });
        return onFiles ? world.onFiles().start() : world.start();
    }
}
