// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.ShippedRelays;
import io.anabranch.simulator.SimulatedReplica;
import io.anabranch.simulator.SyncWorld;
import io.anabranch.simulator.Topology;
import io.anabranch.simulator.Traffic;
import io.anabranch.sync.TableRules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a write costs in each layout of five replicas, and what a lost node does there: the figures of docs/topologies.md. */
class TopologiesTest {
    private static final int REPLICAS = 5;
    private static final int MOST_ROUNDS = 6;

    /** Who asks whom. The second of a pair answers; what either holds crosses. A relay is number 5. */
    private enum Layout {
        STAR(true, "1>5 2>5 3>5 4>5 0>5", 5),
        RING(false, "2>3 3>4 1>2 0>1 4>0", 2),
        ALL_TO_ALL(false, "0>1 0>2 0>3 0>4 1>2 1>3 1>4 2>3 2>4 3>4", 2),
        CHAIN(false, "3>4 2>3 1>2 0>1", 2),
        TREE(false, "3>1 4>1 1>0 2>0", 1);

        private final boolean hasRelay;
        private final String links;
        /** The node whose loss hurts most. */
        private final int middle;

        Layout(boolean hasRelay, String links, int middle) {
            this.hasRelay = hasRelay;
            this.links = links;
            this.middle = middle;
        }
    }

    private static SyncWorld world(Layout layout) {
        SyncWorld.Builder builder =
                SyncWorld.seeded(1).replicas(REPLICAS).topology(Topology.MESH).setUp(TopologiesTest::notes);
        SyncWorld world = (layout.hasRelay ? builder.relays(1, new ShippedRelays()) : builder).start();
        for (SimulatedReplica from : world.replicas()) {
            world.nodes().forEach(to -> world.unlink(from, to));
        }
        for (String link : layout.links.split(" ")) {
            link(world, link.charAt(0) - '0', link.charAt(2) - '0');
        }
        for (int round = 0; round < MOST_ROUNDS; round++) {
            world.round();
        }
        return world;
    }

    private static void link(SyncWorld world, int from, int to) {
        world.link(world.replica(from), world.nodes().get(to));
    }

    private static void notes(SimulatedReplica replica) {
        replica.sql("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)");
        replica.enrol("note", TableRules.defaults());
    }

    /** Returns how many rounds it takes until all of {@code who} show it; -1 if it never does. */
    private static int spread(SyncWorld world, String id, List<SimulatedReplica> who) {
        world.replica(0).sql("INSERT INTO note VALUES ('" + id + "', 'Milk')");
        return roundsUntilShown(world, id, who);
    }

    private static int roundsUntilShown(SyncWorld world, String id, List<SimulatedReplica> who) {
        for (int round = 1; round <= MOST_ROUNDS; round++) {
            world.round();
            if (who.stream().allMatch(replica -> shows(replica, id))) {
                return round;
            }
        }
        return -1;
    }

    private static boolean shows(SimulatedReplica replica, String id) {
        return !replica.rows("SELECT 1 FROM note WHERE id = '" + id + "'").isEmpty();
    }

    /** Returns those that are up and can still be reached, by any way, from the first. */
    private static int reachedWithoutTheMiddle(Layout layout) {
        try (SyncWorld world = world(layout)) {
            world.nodes().get(layout.middle).crash();
            List<SimulatedReplica> up = new ArrayList<>(world.replicas());
            up.removeIf(replica -> !replica.isUp());
            spread(world, "lost", up);
            return (int) up.stream().filter(replica -> shows(replica, "lost")).count();
        }
    }

    private static String row(Layout layout) {
        try (SyncWorld world = world(layout)) {
            Traffic before = world.traffic();
            world.round();
            Traffic idle = world.traffic().since(before);
            before = world.traffic();
            int rounds = spread(world, "n", world.replicas());
            Traffic write = world.traffic().since(before);
            int up = layout == Layout.STAR ? REPLICAS : REPLICAS - 1;
            return "| " + layout.name().toLowerCase(Locale.ROOT).replace('_', '-') + " | " + rounds + " | "
                    + write.exchanges() + " | " + idle.exchanges() + " | " + reachedWithoutTheMiddle(layout) + " of "
                    + up + " |";
        }
    }

    @Test
    void theTableSaysWhatWasMeasured() throws Exception {
        String page = Files.readString(Path.of("../docs/topologies.md"));

        for (Layout layout : Layout.values()) {
            assertThat(page).contains(row(layout));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLinkAddedWhileRunningBringsWhatALostNodeHeldUp(Layout layout) {
        try (SyncWorld world = world(layout)) {
            world.nodes().get(layout.middle).crash();
            List<SimulatedReplica> up = new ArrayList<>(world.replicas());
            up.removeIf(replica -> !replica.isUp());
            spread(world, "lost", up);

            for (SimulatedReplica replica : up) {
                world.link(replica, up.get(0));
            }

            assertThat(roundsUntilShown(world, "lost", up)).isBetween(1, 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoComesBackCatchesUp(Layout layout) {
        try (SyncWorld world = world(layout)) {
            world.nodes().get(layout.middle).crash();
            world.replica(0).sql("INSERT INTO note VALUES ('away', 'Milk')");
            world.round();
            world.round();

            world.nodes().get(layout.middle).restart();

            assertThat(roundsUntilShown(world, "away", world.replicas())).isPositive();
            world.settle();
        }
    }
}
