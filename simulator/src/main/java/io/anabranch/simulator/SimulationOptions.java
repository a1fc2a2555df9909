// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one run is made of. Immutable.
 *
 * @param replicas how many there are at the start, from 2 to 50
 * @param ops how many steps, from 1 to 100,000: writes, exchanges and faults
 * @param faults that may occur; with {@code swarm} the seed chooses about half of them
 * @param onFiles whether SQLite writes real files, or only memory
 * @param relay how relays are opened; without it there are none
 */
public record SimulationOptions(
        long seed,
        int replicas,
        Topology topology,
        int ops,
        Set<Fault> faults,
        boolean swarm,
        boolean onFiles,
        @Nullable RelayFiles relay) {
    private static final int MOST_REPLICAS = 50;
    private static final int MOST_OPS = 100_000;

    /** Checks that it makes sense. */
    public SimulationOptions {
        faults = Set.copyOf(faults);
        require(
                replicas >= 2 && replicas <= MOST_REPLICAS,
                "a simulation has 2 to " + MOST_REPLICAS + " replicas, not " + replicas);
        require(ops >= 1 && ops <= MOST_OPS, "a simulation has 1 to " + MOST_OPS + " ops, not " + ops);
        if (!swarm) {
            require(
                    onFiles || !faults.contains(Fault.POWER_CUT),
                    "power-cut contradicts a run in memory: run it on files, or leave power-cut out");
            require(
                    hasRelay(relay, topology) || !faults.contains(Fault.RELAY_RESTORE),
                    "relay-restore contradicts topology " + topology
                            + ", which has no relay: use star or tree, or leave relay-restore out");
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Returns these options for another seed. */
    public SimulationOptions withSeed(long other) {
        return new SimulationOptions(other, replicas, topology, ops, faults, swarm, onFiles, relay);
    }

    /** Returns how many relays there are: one where the topology has a hub, or two, between which replicas move. */
    int relays() {
        if (!hasRelay(relay, topology)) {
            return 0;
        }
        return topology == Topology.TREE ? 1 : 1 + (int) (Simulation.spread(seed) & 1);
    }

    private static boolean hasRelay(@Nullable RelayFiles relay, Topology topology) {
        return relay != null && topology != Topology.RING && topology != Topology.MESH;
    }

    /** Returns the faults that can occur here at all. */
    Set<Fault> possibleFaults() {
        Set<Fault> possible = EnumSet.noneOf(Fault.class);
        possible.addAll(faults);
        if (!onFiles) {
            possible.remove(Fault.POWER_CUT);
        }
        if (relays() == 0) {
            possible.remove(Fault.RELAY_RESTORE);
        }
        return possible;
    }
}
