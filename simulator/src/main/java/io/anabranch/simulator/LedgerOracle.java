// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks at the ledger that {@link Workload} writes, replica by replica, as a reader does: change sets show whole (I3), causes
 * before effects (I4), reads never go back and a replica reads its own writes (I4); what was acknowledged is there in the end,
 * and counters are the arithmetic of it (I2).
 */
final class LedgerOracle {
    /** What each replica has shown so far. */
    private final Map<Node, Set<String>> shown = new HashMap<>();

    private final Checks checks;
    /** What was written in the entry of that half, whether or not it was acknowledged: the amount, and what it took. */
    private final Map<String, Amounts> written = new HashMap<>();

    private final Set<String> acknowledged = new TreeSet<>();
    /** Written by a process that ended before it could say so, or lost with a file that was put back. */
    private final Set<String> perhaps = new HashSet<>();

    LedgerOracle(Checks checks) {
        this.checks = checks;
    }

    /** Notes that {@code entry} is about to be written. */
    void begun(Workload.Entry entry) {
        String id = entry.id();
        written.put(id + "a", new Amounts(entry.first(), entry.taken()));
        written.put(id + "b", new Amounts(entry.second(), 0));
        perhaps.addAll(Set.of(id + "a", id + "b"));
    }

    /** Notes that the writer was told that {@code entry} is written. */
    void acknowledged(SimulatedReplica replica, Workload.Entry entry) {
        Set<String> halves = Set.of(entry.id() + "a", entry.id() + "b");
        acknowledged.addAll(halves);
        shown.computeIfAbsent(replica, any -> new HashSet<>()).addAll(halves);
    }

    /** A file was put back: what no other replica has may be lost, and the replica may show less than before. */
    void putBack(Node node, List<SimulatedReplica> others) {
        Set<String> safe = new HashSet<>();
        for (SimulatedReplica other : others) {
            if (other != node) {
                safe.addAll(shown.getOrDefault(other, Set.of()));
            }
        }
        Set<String> mayBeLost = new TreeSet<>(acknowledged);
        mayBeLost.removeAll(safe);
        acknowledged.removeAll(mayBeLost);
        perhaps.addAll(mayBeLost);
        shown.remove(node);
    }

    /** Checks what must hold at any time at any replica. */
    void check(SimulatedReplica replica) {
        if (!replica.isUp() || !replica.schema().isReady()) {
            return;
        }
        Set<String> now = new HashSet<>(replica.rows("SELECT id FROM ledger"));
        List<String> sums = replica.rows(
                "SELECT (SELECT coalesce(sum(amount), 0) FROM ledger), coalesce((SELECT n FROM tally), 0)");
        String[] sum = sums.get(0).split("\\|");
        checks.that(
                Oracle.ATOMIC_VISIBILITY,
                sum[0].equals(sum[1]),
                () -> replica + " shows a tally of " + sum[1] + " over entries of " + sum[0]);
        for (String id : now) {
            String half = id.substring(0, id.length() - 1) + (id.endsWith("a") ? "b" : "a");
            checks.that(
                    Oracle.ATOMIC_VISIBILITY, now.contains(half), () -> replica + " shows " + id + " without " + half);
        }
        List<String> orphans = replica.rows("SELECT id, parent FROM ledger WHERE parent IS NOT NULL"
                + " AND parent NOT IN (SELECT id FROM ledger) ORDER BY id");
        checks.that(
                Oracle.CAUSALITY,
                orphans.isEmpty(),
                () -> replica + " shows an effect before its cause: " + orphans.get(0));
        Set<String> before = shown.computeIfAbsent(replica, any -> new HashSet<>());
        checks.that(
                Oracle.MONOTONIC_READS,
                now.containsAll(before),
                () -> replica + " showed " + without(before, now) + " before and does not now");
        shown.put(replica, now);
        checkArithmetic(replica, now);
    }

    /** Counters against what the writers of the entries that show know of them, outside of the product. */
    private void checkArithmetic(SimulatedReplica replica, Set<String> now) {
        long tally = 0;
        long stock = Workload.SHELF_STOCK;
        for (String half : now) {
            Amounts amounts = written.getOrDefault(half, Amounts.NONE);
            tally += amounts.amount;
            stock -= amounts.taken;
        }
        String expected = tally + "|" + stock;
        List<String> counters =
                replica.rows("SELECT n, stock FROM tally, item WHERE item.id = '" + Workload.SHELF + "'");
        checks.that(
                Oracle.COUNTERS_ARE_THE_ARITHMETIC,
                counters.equals(List.of(expected)) || counters.isEmpty() && now.isEmpty(),
                () -> replica + " shows " + counters + " where all that it shows adds up to " + expected);
    }

    /** Returns what {@code replica} showed when it was looked at last. */
    Set<String> shown(SimulatedReplica replica) {
        return shown.getOrDefault(replica, Set.of());
    }

    /** Checks, once all hold the same, that this is what was acknowledged. */
    void checkEnd(SimulatedReplica replica) {
        check(replica);
        Set<String> now = new TreeSet<>(shown.getOrDefault(replica, Set.of()));
        checks.that(
                Oracle.NOTHING_ACKNOWLEDGED_IS_LOST,
                now.containsAll(acknowledged),
                () -> replica + " lacks " + without(acknowledged, now));
        now.removeAll(acknowledged);
        now.removeAll(perhaps);
        checks.that(
                Oracle.NOTHING_COMES_FROM_NOWHERE,
                now.isEmpty(),
                () -> replica + " shows " + now + ", which nobody wrote");
    }

    private static Set<String> without(Set<String> all, Set<String> some) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    int acknowledgedWrites() {
        return acknowledged.size() / 2;
    }

    private record Amounts(long amount, long taken) {
        static final Amounts NONE = new Amounts(0, 0);
    }
}
