// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.PeerStatus;
import io.anabranch.sync.SyncStatus;
import io.anabranch.sync.Verification;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.transport.Transport;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** All that must hold, checked where a step may have broken it, and again at the end. */
final class Oracles {
    /** Whose log was cut comes to others in snapshots, which carry no conflicts, and old conflicts go by the clock. */
    private static final Set<Fault> END_CONFLICTS = Set.of(Fault.COMPACTION, Fault.CLOCK_JUMP);

    /** Twice what it takes on most days: one request and its answer. */
    private static final int IDLE_BYTES = 400;

    /** Twice what it takes on most days. */
    private static final int IDLE_STATEMENTS = 250;

    private final SyncWorld world;
    private final Checks checks;
    private final Archive archive;
    private final LedgerOracle ledger;
    private final TravellingReader reader;
    private final boolean conflictsStay;
    private final boolean mayCut;
    private final boolean mixesSchemas;

    Oracles(SyncWorld world, Set<Fault> faults, Archive archive, LedgerOracle ledger, TravellingReader reader) {
        this.world = world;
        this.checks = world.checks();
        this.archive = archive;
        this.ledger = ledger;
        this.reader = reader;
        this.conflictsStay = Collections.disjoint(faults, END_CONFLICTS);
        this.mayCut = faults.contains(Fault.COMPACTION);
        this.mixesSchemas = faults.contains(Fault.MIXED_SCHEMA);
    }

    void check(SimulatedReplica replica) {
        ledger.check(replica);
    }

    /** Somebody reads at a replica who has read elsewhere before. */
    void read(SimulatedReplica replica) {
        if (replica.isUp() && !replica.driver().isArmed() && replica.schema().isReady()) {
            reader.read(replica, ledger.shown(replica));
        }
    }

    /** Another program wrote: until that is sealed nothing is up to date (I10). */
    void foreignWrite(SimulatedReplica replica) {
        SyncStatus status = replica.status();
        checks.that(
                Oracle.STATUS_NEVER_LIES,
                status.unsealed() > 0,
                () -> replica + " has captured writes and says that nothing is unsealed");
        checks.that(
                Oracle.STATUS_NEVER_LIES,
                status.peers().stream().noneMatch(PeerStatus::upToDate),
                () -> replica + " has captured writes and says that it is up to date");
    }

    /** @param undisturbed whether nothing at all happened to the exchange, or beside it */
    void exchanged(SimulatedReplica replica, Node peer, SyncOutcome outcome, boolean undisturbed) {
        checks.that(
                Oracle.NO_DOT_IS_USED_TWICE,
                !(outcome instanceof SyncOutcome.Refused refused && refused.why() instanceof Admission.Fork),
                () -> replica + " and " + peer.name() + " differ: " + outcome);
        if (undisturbed) {
            checks.that(
                    Oracle.EXCHANGE,
                    outcome instanceof SyncOutcome.Settled,
                    () -> "nothing was in the way of " + replica + " and " + peer.name() + ": " + outcome);
            settled(replica, peer);
        }
    }

    /** Nothing happened since the exchange ended: both hold the same, say so, and show the same. */
    private void settled(SimulatedReplica replica, Node peer) {
        boolean saysSo = replica.status().peers().stream()
                .anyMatch(status -> status.url().equals("sim:" + peer.name()) && status.upToDate());
        boolean isSo = replica.heads().equals(peer.heads());
        checks.that(
                Oracle.STATUS_NEVER_LIES,
                saysSo && isSo,
                () -> replica + " settled with " + peer.name() + ", says up to date: " + saysSo + ", heads equal: "
                        + isSo);
        if (peer instanceof SimulatedReplica other) {
            sameTables(replica, other);
        }
    }

    private void sameTables(SimulatedReplica one, SimulatedReplica other) {
        checks.that(
                Oracle.CONVERGENCE,
                one.replica().digest().equals(other.replica().digest()),
                () -> one + " and " + other + " hold the same and have different digests");
        Dump.compare(checks, one, other);
    }

    /** Runs {@code upgrade}, and checks that others are told of it by definitions at most (I8). */
    void upgrade(SimulatedReplica replica, Upgrade upgrade) {
        VersionVector before = replica.heads().vector();
        upgrade.run(replica);
        replica.heads();
        List<EncodedChangeSet> sent = replica.logBeyond(before);
        checks.that(
                Oracle.SCHEMA_CHANGES_SEND_NO_ROWS,
                sent.stream()
                        .flatMap(set -> ChangeSetCodec.ops(set).stream())
                        .allMatch(op -> op instanceof TableOp.Declare),
                () -> replica + " sends rows because of " + upgrade + ": "
                        + sent.stream().map(ChangeSetCodec::ops).toList());
    }

    /** Lets all exchange until they hold the same, and checks that. Returns what the world looks like then. */
    String end() {
        int rounds = world.settle();
        if (mixesSchemas) {
            upgradeAll();
        }
        world.replicas().forEach(archive::addLog);
        Heads heads = world.replica(0).heads();
        boolean allKnown = archive.knows(heads);
        checks.that(
                Oracle.NOTHING_COMES_FROM_NOWHERE,
                allKnown || mayCut,
                () -> "change sets are held that no node ever wrote or sent");
        for (SimulatedReplica replica : world.replicas()) {
            sameTables(world.replica(0), replica);
            ledger.checkEnd(replica);
            checks.that(
                    Oracle.FILES_STAY_WHOLE,
                    damages(replica).isEmpty(),
                    () -> replica + "'s file is damaged: " + damages(replica));
            verify(replica);
        }
        idleCosts();
        if (allKnown) {
            compareWithTypes(archive.model(heads));
        }
        return "all hold " + world.replica(0).heads().sum() + " after " + rounds + " rounds, and show "
                + world.replica(0).replica().digest().total();
    }

    /** A row that fails a CHECK because legal writes merged is no damage, and looked after by {@link Constraints}. */
    private static List<String> damages(SimulatedReplica replica) {
        return replica.rows("PRAGMA integrity_check").stream()
                .filter(line -> !line.equals("ok") && !line.startsWith("CHECK constraint failed in "))
                .toList();
    }

    /**
     * Old versions show what they know of what all hold, and once each is as new as the newest, all of it, although nobody tells
     * them anything but definitions.
     */
    private void upgradeAll() {
        int newest = world.replicas().stream().mapToInt(Upgrade::version).max().orElse(0);
        if (world.replicas().stream().allMatch(replica -> Upgrade.version(replica) == newest)) {
            return;
        }
        world.replicas().forEach(archive::addLog);
        Heads heads = world.replica(0).heads();
        if (archive.knows(heads)) {
            Model model = archive.model(heads);
            world.replicas().forEach(model::compare);
        }
        for (SimulatedReplica replica : world.replicas()) {
            sameTables(world.replica(0), replica);
            for (Upgrade next = Upgrade.next(replica); next != null && next.ordinal() < newest; ) {
                upgrade(replica, next);
                next = Upgrade.next(replica);
            }
        }
        world.settle();
    }

    /** State and digests worked out anew from snapshot and log, and the tables from the state. */
    private void verify(SimulatedReplica replica) {
        Verification found = replica.replica().verify();
        checks.that(
                Oracle.VERIFIES,
                found.isSound() && found.unsealed() == 0,
                () -> replica + " is not what its log makes of it: " + found);
    }

    /** Whatever is held by now, to find that nothing is new takes one message, few bytes and few statements (I11). */
    private void idleCosts() {
        Topology.Link link = world.links().get(0);
        SimulatedReplica from = world.replica(link.from());
        Node to = world.nodes().get(link.to());
        from.sync(to); // Says once more what its rows come to.
        Traffic traffic = world.traffic();
        long statements = from.driver().statements();
        from.sync(to);
        Traffic idle = world.traffic().since(traffic);
        long ran = from.driver().statements() - statements;
        checks.that(
                Oracle.COST_FOLLOWS_THE_CHANGE,
                idle.exchanges() == 1 && idle.bytes() <= IDLE_BYTES && ran <= IDLE_STATEMENTS,
                () -> from + " ran " + ran + " statements to learn that " + to.name() + " has nothing new, and it took "
                        + idle);
    }

    /** Who speaks another version of the protocol is told so, whatever it brings, and leaves nothing behind. */
    void otherVersion(Node node, byte[] request) {
        Heads before = node.heads();
        Transport.Result answer = node.answer(request);
        checks.that(
                Oracle.OTHER_VERSIONS_ARE_TOLD,
                answer instanceof Transport.Result.Failed failed
                        && failed.reason().contains("protocol"),
                () -> node.name() + " answered a message of protocol " + request[2] + " with " + answer);
        checks.that(
                Oracle.OTHER_VERSIONS_ARE_TOLD,
                node.heads().equals(before),
                () -> node.name() + " took something from a message of protocol " + request[2]);
    }

    /** What stands beside a value that no rule can take is sealed and shows as ever (I9). */
    void poisoned(SimulatedReplica replica, Workload.Entry beside) {
        replica.heads();
        long unsealed = replica.status().unsealed();
        checks.that(
                Oracle.POISON_STAYS_LOCAL,
                unsealed == 0,
                () -> replica + " has sealed, and says that " + unsealed + " writes beside poison are not");
        List<String> halves = replica.rows(
                "SELECT amount FROM ledger WHERE id IN ('" + beside.id() + "a', '" + beside.id() + "b') ORDER BY id");
        checks.that(
                Oracle.POISON_STAYS_LOCAL,
                halves.equals(List.of(String.valueOf(beside.first()), String.valueOf(beside.second()))),
                () -> replica + " shows " + halves + " of " + beside + ", which was written beside poison");
    }

    private void compareWithTypes(Model model) {
        for (SimulatedReplica replica : world.replicas()) {
            model.compare(replica);
            if (conflictsStay) {
                model.compareConflicts(replica);
            }
        }
    }
}
