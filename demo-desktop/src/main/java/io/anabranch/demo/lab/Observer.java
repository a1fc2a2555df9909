// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.Digests;
import io.anabranch.sync.SyncStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Reads where the replicas of a lab stand, and tells whether they hold the same. Thread-safe. */
final class Observer {
    private final Names names;
    private final Timeline timeline;
    /** What shows of a replica while it is down. */
    private final Map<String, LabView.ReplicaView> lastSeen = new LinkedHashMap<>();

    /** @param timeline takes in the change sets that are seen */
    Observer(Names names, Timeline timeline) {
        this.names = names;
        this.timeline = timeline;
    }

    synchronized void forget(LabReplica replica) {
        lastSeen.remove(replica.name());
    }

    /**
     * Reads where everything stands. Costs O(replicas), and a few queries for each.
     *
     * @param touched hears of rows whose values beside the one that shows came or went, of which nobody is told otherwise
     */
    synchronized LabView look(
            List<LabReplica> replicas, List<Link> links, LabRelay relay, BiConsumer<LabReplica, String> touched) {
        List<LabView.ReplicaView> views = new ArrayList<>();
        VersionVector highest = VersionVector.EMPTY;
        long unsealed = 0;
        for (LabReplica replica : replicas) {
            LabView.ReplicaView before = lastSeen.get(replica.name());
            Seen seen = see(replica);
            if (before != null && !before.conflicts().equals(seen.view.conflicts())) {
                disputed(before.conflicts(), seen.view.conflicts()).forEach(id -> touched.accept(replica, id));
            }
            unsealed += seen.unsealed;
            lastSeen.put(replica.name(), seen.view);
            views.add(seen.view);
            highest = highest.union(seen.view.vector());
        }
        views.replaceAll(view -> withBehind(view, views));
        List<LabView.LinkView> lines = new ArrayList<>();
        for (Link link : links) {
            lines.add(new LabView.LinkView(
                    link.pair(), link.isOn(), link.isOpen(), link.latencyMillis(), link.lossPercent(), link.state()));
        }
        boolean isRelayWanted = links.stream().anyMatch(link -> link.touches(relay));
        String problem = isRelayWanted ? relay.problem() : null;
        return new LabView(views, lines, relay.isUp(), problem, highest, settlement(views, unsealed));
    }

    /** Returns the rows whose values beside the one that shows came or went. */
    private static Set<String> disputed(List<Conflict> before, List<Conflict> now) {
        Set<Conflict> differing = new HashSet<>(now);
        before.stream().filter(conflict -> !differing.remove(conflict)).forEach(differing::add);
        Set<String> ids = new HashSet<>();
        differing.forEach(conflict -> ids.add(conflict.key().get(0).toString()));
        return ids;
    }

    private record Seen(LabView.ReplicaView view, long unsealed) {}

    private Seen see(LabReplica replica) {
        LabView.ReplicaView before = lastSeen.get(replica.name());
        try {
            return replica.use(process -> {
                SyncStatus status = process.status();
                Digests digests = process.digest();
                names.note(status.origin(), replica);
                timeline.take(process.asPeer(), status.vector());
                return new Seen(
                        view(replica, before, new Reading(status, digests.total(), process.conflicts(Shop.TABLE))),
                        status.unsealed());
            });
        } catch (ReplicaDown e) {
            return new Seen(view(replica, before, null), 0);
        }
    }

    private record Reading(SyncStatus status, String digest, List<Conflict> conflicts) {}

    private static LabView.ReplicaView view(
            LabReplica replica, LabView.@Nullable ReplicaView before, @Nullable Reading now) {
        return new LabView.ReplicaView(
                replica.name(),
                replica.number(),
                now != null,
                replica.isSwitchedOn(),
                replica.problem(),
                replica.clock().offset(),
                now != null ? now.status().origin() : before == null ? null : before.origin(),
                now != null ? now.status().vector() : before == null ? VersionVector.EMPTY : before.vector(),
                now == null ? "" : now.digest(),
                Map.of(),
                now != null ? now.conflicts() : before == null ? List.of() : before.conflicts(),
                now != null ? now.status().unacknowledged() : before == null ? 0 : before.unsent());
    }

    private static LabView.ReplicaView withBehind(LabView.ReplicaView view, List<LabView.ReplicaView> all) {
        Map<String, Long> behind = new LinkedHashMap<>();
        for (LabView.ReplicaView other : all) {
            long lacking = other.vector().countMinus(view.vector());
            if (lacking > 0) {
                behind.put(other.name(), lacking);
            }
        }
        return new LabView.ReplicaView(
                view.name(),
                view.number(),
                view.isUp(),
                view.isSwitchedOn(),
                view.problem(),
                view.clockOffset(),
                view.origin(),
                view.vector(),
                view.digest(),
                behind,
                view.conflicts(),
                view.unsent());
    }

    private static LabView.Settlement settlement(List<LabView.ReplicaView> views, long unsealed) {
        if (views.isEmpty()) {
            return LabView.EMPTY.settlement();
        }
        LabView.ReplicaView first = views.get(0);
        int behind = 0;
        for (LabView.ReplicaView view : views) {
            if (!view.isUp()) {
                return new LabView.Settlement(false, "", view.name() + " is down");
            }
            behind += view.behind().isEmpty() ? 0 : 1;
        }
        if (unsealed > 0 || behind > 0) {
            String who = behind == 1 ? "one replica lacks" : behind + " replicas lack";
            return new LabView.Settlement(
                    false, "", behind == 0 ? "writes are being sealed" : who + " what others have written");
        }
        boolean equal = views.stream().allMatch(view -> view.digest().equals(first.digest()));
        return equal
                ? new LabView.Settlement(true, first.digest(), "")
                : new LabView.Settlement(false, "", "equal version vectors with unequal digests: that must not be");
    }
}
