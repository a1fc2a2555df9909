// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.server.ShippedRelays;
import io.anabranch.simulator.Crash;
import io.anabranch.simulator.SimulatedReplica;
import io.anabranch.simulator.SyncWorld;
import io.anabranch.simulator.Topology;
import io.anabranch.sync.SqlSession;
import io.anabranch.sync.TableRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The examples of docs/simulator.md. */
class SyncWorldTest {
    private static void notes(SimulatedReplica replica) {
        replica.sql("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
        replica.enrol("note", TableRules.defaults().counter("likes"));
    }

    private static SyncWorld.Builder world(int replicas) {
        return SyncWorld.seeded(1).replicas(replicas).setUp(SyncWorldTest::notes);
    }

    @Test
    void likesOnBothSidesOfAPartitionCount() {
        try (SyncWorld world = world(3).start()) {
            world.replica(0).sql("INSERT INTO note VALUES ('n', 'Milk', 0)");
            world.settle();
            world.isolate(world.replica(2));
            world.replicas().forEach(replica -> replica.sql("UPDATE note SET likes = likes + 1"));
            world.heal();
            world.settle();
            assertThat(world.replica(2).rows("SELECT likes FROM note")).containsExactly("3");
        }
    }

    @Test
    void aClockTenYearsAheadWinsNothingThatWasSeen() {
        try (SyncWorld world = world(2).start()) {
            world.replica(0).clock().jump(Duration.ofDays(3650));
            world.replica(0).sql("INSERT INTO note VALUES ('n', 'from the future', 0)");
            world.settle();
            world.replica(1).sql("UPDATE note SET title = 'now'");
            world.settle();
            assertThat(world.replica(0).rows("SELECT title FROM note")).containsExactly("now");
        }
    }

    @Test
    void aCrashInATransactionLeavesNothingOfIt() {
        try (SyncWorld world = world(2).start()) {
            SimulatedReplica replica = world.replica(0);
            replica.crashAfter(5);
            assertThatThrownBy(() -> replica.transaction(SyncWorldTest::writeTwo))
                    .isInstanceOf(Crash.class);
            replica.restart();
            world.settle();
            assertThat(world.replica(1).rows("SELECT * FROM note")).isEmpty();
        }
    }

    private static void writeTwo(SqlSession db) {
        db.execute("INSERT INTO note VALUES ('one', '1', 0)");
        db.execute("INSERT INTO note VALUES ('two', '2', 0)");
    }

    @Test
    void anOldVersionPassesOnAColumnThatItDoesNotKnow() {
        try (SyncWorld world = SyncWorld.seeded(1).topology(Topology.RING).start()) {
            world.replica(0).sql("CREATE TABLE note(id TEXT PRIMARY KEY, colour TEXT)");
            world.replica(1).sql("CREATE TABLE note(id TEXT PRIMARY KEY)");
            world.replica(0).enrol("note", TableRules.defaults());
            world.replica(1).enrol("note", TableRules.defaults());
            world.replica(0).sql("INSERT INTO note VALUES ('n', 'red')");
            world.replica(0).sync(world.replica(1));
            world.replica(1).sync(world.replica(2));
            assertThat(world.replica(2).rows("SELECT * FROM note")).containsExactly("n|red");
        }
    }

    @Test
    void aRelayIsTheOneThatShips() {
        try (SyncWorld world =
                world(3).topology(Topology.STAR).relays(1, new ShippedRelays()).start()) {
            world.replica(0).sql("INSERT INTO note VALUES ('n', 'Milk', 0)");
            world.settle();
            assertThat(world.replica(2).rows("SELECT title FROM note")).containsExactly("Milk");
        }
    }

    @Test
    void thePageShowsWhatIsCompiledHere() throws IOException {
        List<String> compiled = lines(Files.readString(Path.of("src/test/java/io/anabranch/docs/SyncWorldTest.java")));
        Matcher example =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("simulator.md")));

        int examples = 0;
        for (; example.find(); examples++) {
            List<String> shown = lines(example.group(1));
            assertThat(shown).hasSizeLessThanOrEqualTo(10);
            assertThat(compiled).containsSequence(shown);
        }
        assertThat(examples).isEqualTo(6);
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.toList());
    }
}
