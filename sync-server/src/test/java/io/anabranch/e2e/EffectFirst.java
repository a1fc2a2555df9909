// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.simulator.Oracle;
import io.anabranch.simulator.SimulatedReplica;
import io.anabranch.simulator.SyncWorld;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.EncodedChangeSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A peer that sends an effect before its cause, as no shipped sender does: who asks no more of a change set than that it is
 * the next of its origin shows a child without its parent.
 */
final class EffectFirst {
    static final String NAME = "effect-first";

    private EffectFirst() {}

    /** Returns the name of the oracle that failed; empty if none. */
    static String play() {
        try (SyncWorld world = SyncWorld.seeded(1).replicas(3).start()) {
            SimulatedReplica cause = world.replica(0);
            SimulatedReplica effect = world.replica(1);
            SimulatedReplica reader = world.replica(2);
            cause.sql("CREATE TABLE ledger(id TEXT PRIMARY KEY, parent TEXT)");
            cause.enrol("ledger", TableRules.defaults());
            world.settle();
            cause.sql("INSERT INTO ledger VALUES ('cause', NULL)");
            cause.sync(effect);
            effect.sql("INSERT INTO ledger VALUES ('effect', 'cause')");

            reader.replica().asPeer().accept(writtenBy(effect));

            return reader.rows("SELECT id FROM ledger").equals(List.of("effect")) ? Oracle.CAUSALITY.toString() : "";
        }
    }

    private static List<EncodedChangeSet> writtenBy(SimulatedReplica replica) {
        replica.heads(); // Seals.
        return replica.replica().asPeer().missing(VersionVector.EMPTY, Long.MAX_VALUE).changeSets().stream()
                .filter(set -> set.header().origin().equals(replica.origin()))
                .collect(Collectors.toList());
    }
}
