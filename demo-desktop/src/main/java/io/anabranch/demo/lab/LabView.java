// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.Conflict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The lab as it was when somebody last looked. Immutable.
 *
 * @param relayProblem why the relay does not run; null if it runs or is not wanted
 * @param highest for each origin, the most that any replica holds
 */
public record LabView(
        List<ReplicaView> replicas,
        List<LinkView> links,
        boolean isRelayUp,
        @Nullable String relayProblem,
        VersionVector highest,
        Settlement settlement) {
    public LabView {
        replicas = List.copyOf(replicas);
        links = List.copyOf(links);
    }

    public static final LabView EMPTY = new LabView(
            List.of(),
            List.of(),
            false,
            null,
            VersionVector.EMPTY,
            new Settlement(false, "", "there is no replica yet"));

    /**
     * One replica.
     *
     * @param vector what it holds; as last seen while it is down
     * @param digest over its live rows; empty while it is down
     * @param behind how many change sets it lacks that others have, by who has them
     * @param conflicts what lost to concurrent writes and nobody has decided
     * @param unsent change sets that no peer has said it holds
     */
    public record ReplicaView(
            String name,
            int number,
            boolean isUp,
            boolean isSwitchedOn,
            @Nullable String problem,
            Duration clockOffset,
            @Nullable Origin origin,
            VersionVector vector,
            String digest,
            Map<String, Long> behind,
            List<Conflict> conflicts,
            long unsent) {
        public ReplicaView {
            conflicts = List.copyOf(conflicts);
        }
    }

    /** One link, with its dials and how its last exchange ended. */
    public record LinkView(
            Topology.Pair pair, boolean isOn, boolean isOpen, int latencyMillis, int lossPercent, String state) {}

    /**
     * Whether all replicas hold the same.
     *
     * @param isSettled all run, with equal version vectors, nothing unsealed, and equal digests
     * @param digest that all have; empty if they are not settled
     * @param why not, in words; empty if they are settled
     */
    public record Settlement(boolean isSettled, String digest, String why) {}
}
