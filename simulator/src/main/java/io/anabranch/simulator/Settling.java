// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.SyncOutcome;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Rounds of exchanges in a world in which nothing is in the way, until all hold the same. */
final class Settling {
    private final SyncWorld world;

    Settling(SyncWorld world) {
        this.world = world;
    }

    /** Returns how many rounds it took. What one node knows is a round later at all that it is linked with. */
    int run() {
        int most = diameter() + 1;
        for (int rounds = 0; ; rounds++) {
            if (allHoldTheSame()) {
                world.assertConverged();
                return rounds;
            }
            world.checks()
                    .that(
                            Oracle.BOUNDED_ROUNDS,
                            rounds < most,
                            () -> "after " + most + " rounds not all hold the same");
            exchangeOnce();
        }
    }

    private boolean allHoldTheSame() {
        Heads first = world.replica(0).heads();
        return world.nodes().stream().allMatch(node -> node.heads().equals(first));
    }

    private void exchangeOnce() {
        List<Node> nodes = world.nodes();
        for (Topology.Link link : world.links()) {
            SimulatedReplica from = world.replica(link.from());
            Node to = nodes.get(link.to());
            SyncOutcome outcome = from.sync(to);
            world.checks()
                    .that(
                            Oracle.EXCHANGE,
                            outcome instanceof SyncOutcome.Settled,
                            () -> "with nothing in the way, " + from + " with " + to.name() + " ended " + outcome);
        }
    }

    /** Returns the longest of the shortest ways between two nodes, whichever of the two asks. */
    private int diameter() {
        int nodes = world.nodes().size();
        int longest = 0;
        for (int from = 0; from < nodes; from++) {
            int[] distance = distances(from, nodes);
            for (int to = 0; to < nodes; to++) {
                if (distance[to] < 0) {
                    throw new IllegalStateException("no way leads from "
                            + world.nodes().get(from).name() + " to "
                            + world.nodes().get(to).name() + ": link them first");
                }
                longest = Math.max(longest, distance[to]);
            }
        }
        return longest;
    }

    private int[] distances(int from, int nodes) {
        int[] distance = new int[nodes];
        Arrays.fill(distance, -1);
        distance[from] = 0;
        Deque<Integer> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            int here = open.remove();
            for (Topology.Link link : world.links()) {
                int other = link.from() == here ? link.to() : link.to() == here ? link.from() : here;
                if (distance[other] < 0) {
                    distance[other] = distance[here] + 1;
                    open.add(other);
                }
            }
        }
        return distance;
    }
}
