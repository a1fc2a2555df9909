// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.PeerStatus;
import io.anabranch.sync.SyncStatus;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.SyncOutcome;
import java.util.Set;

/** All that must hold, checked where a step may have broken it, and again at the end. */
final class Oracles {
    private static final Set<Fault> SPARE_THE_NETWORK = Set.of(
            Fault.FOREIGN_SQL,
            Fault.CLOCK_JUMP,
            Fault.CLOCK_STOP,
            Fault.CLONE,
            Fault.RESTORE,
            Fault.POISON,
            Fault.MIXED_SCHEMA,
            Fault.RELAY_RESTORE);

    private final SyncWorld world;
    private final boolean isNetworkFair;
    private final Archive archive;
    private final LedgerOracle ledger;

    Oracles(SyncWorld world, Set<Fault> faults, Archive archive, LedgerOracle ledger) {
        this.world = world;
        this.isNetworkFair = SPARE_THE_NETWORK.containsAll(faults);
        this.archive = archive;
        this.ledger = ledger;
    }

    void check(SimulatedReplica replica) {
        ledger.check(replica);
    }

    /** Another program wrote: until that is sealed nothing is up to date (I10). */
    void foreignWrite(SimulatedReplica replica) {
        SyncStatus status = replica.status();
        if (status.unsealed() == 0) {
            throw new Violation(
                    "status never lies", replica + " has captured writes and says that nothing is unsealed");
        }
        if (status.peers().stream().anyMatch(PeerStatus::upToDate)) {
            throw new Violation("status never lies", replica + " has captured writes and says that it is up to date");
        }
    }

    void exchanged(SimulatedReplica replica, Node peer, SyncOutcome outcome) {
        if (isNetworkFair && !(outcome instanceof SyncOutcome.Settled)) {
            throw new Violation(
                    "exchange", "nothing was in the way of " + replica + " and " + peer.name() + ": " + outcome);
        }
        if (outcome instanceof SyncOutcome.Refused refused && refused.why() instanceof Admission.Fork fork) {
            throw new Violation("no dot is used twice", replica + " and " + peer.name() + " differ in " + fork);
        }
        if (outcome instanceof SyncOutcome.Settled && isNetworkFair) {
            settled(replica, peer);
        }
    }

    /** Nothing happened since the exchange ended: both hold the same, say so, and show the same. */
    private void settled(SimulatedReplica replica, Node peer) {
        boolean saysSo = replica.status().peers().stream()
                .anyMatch(status -> status.url().equals("sim:" + peer.name()) && status.upToDate());
        Heads heads = replica.heads();
        if (!saysSo || !heads.equals(peer.heads())) {
            throw new Violation(
                    "status never lies",
                    replica + " settled with " + peer.name() + ", says up to date: " + saysSo + ", heads equal: "
                            + heads.equals(peer.heads()));
        }
        if (peer instanceof SimulatedReplica other) {
            sameTables(replica, other);
        }
    }

    private static void sameTables(SimulatedReplica one, SimulatedReplica other) {
        if (!one.replica().digest().equals(other.replica().digest())) {
            throw new Violation("convergence", one + " and " + other + " hold the same and have different digests");
        }
        Dump.compare(one, other);
    }

    /** Lets all exchange until they hold the same, and checks that. Returns what the world looks like then. */
    String end() {
        int rounds = world.settle();
        world.replicas().forEach(archive::addLog);
        Model model = archive.model(world.replica(0).heads());
        for (SimulatedReplica replica : world.replicas()) {
            sameTables(world.replica(0), replica);
            model.compare(replica);
            ledger.checkEnd(replica);
            if (!replica.rows("PRAGMA integrity_check").get(0).equals("ok")) {
                throw new Violation("files stay whole", replica + "'s file is damaged");
            }
        }
        return "all hold " + world.replica(0).heads().sum() + " after " + rounds + " rounds, and show "
                + world.replica(0).replica().digest().total();
    }
}
