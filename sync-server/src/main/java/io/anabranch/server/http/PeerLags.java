// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.peers.PeerState;
import io.anabranch.server.space.Space;
import io.anabranch.server.space.Spaces;
import io.anabranch.sync.change.EncodedChangeSet;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How far those with whom a relay exchanges are behind it: the replicas that it has met, and the relays that it has as peers.
 * Measured when somebody looks. Thread-safe.
 */
final class PeerLags {
    /** Whoever looks on sees the latest; a monitor that is given a number for each of very many keeps them all. */
    private static final int MOST_REPLICAS = 200;

    private final Spaces spaces;
    private final Acquaintances acquaintances;
    private final Supplier<List<PeerState>> relays;
    private final Clock clock;

    PeerLags(Spaces spaces, Acquaintances acquaintances, Supplier<List<PeerState>> relays, Clock clock) {
        this.spaces = spaces;
        this.acquaintances = acquaintances;
        this.relays = relays;
        this.clock = clock;
    }

    /**
     * What a peer lacks.
     *
     * @param changeSets how many of those that are here it has not been given
     * @param millis how long ago the first of them was written; null if that cannot be told
     */
    record Lag(long changeSets, @Nullable Long millis) {
        static final Lag NONE = new Lag(0, 0L);

        /** Returns what is true of both together. */
        Lag and(Lag other) {
            @Nullable
            Long longer = millis == null || other.millis == null ? null : Long.valueOf(Math.max(millis, other.millis));
            return new Lag(changeSets + other.changeSets, longer);
        }
    }

    /** Returns what a peer lacks that holds {@code theirs}, of a space of which {@code held} is here. Reads one change set at most. */
    Lag of(Space space, VersionVector held, VersionVector theirs) {
        long behind = held.countMinus(theirs);
        return behind == 0 ? Lag.NONE : new Lag(behind, behindMillis(space, theirs));
    }

    private @Nullable Long behindMillis(Space space, VersionVector theirs) {
        for (EncodedChangeSet first : space.missing(theirs, 1).changeSets()) {
            long stamp = first.header().stamp();
            return stamp == 0 || first.header().isVoid() ? null : Math.max(0, clock.millis() - (stamp >>> 16));
        }
        return null;
    }

    /** Returns the relays that this one exchanges a space with. */
    List<PeerState> relaysOf(String space) {
        List<PeerState> found = new ArrayList<>(relays.get());
        found.removeIf(relay -> !relay.space().equals(space));
        return found;
    }

    /**
     * One with whom the relay exchanges, over all spaces.
     *
     * @param name the origin of a replica, the address of a relay
     * @param up whether the last exchange with a relay went well in every space; null of a replica, which may sleep
     */
    record Peer(String name, Lag lag, @Nullable Boolean up) {}

    /** Returns the replicas met last and all relays. Costs O(origins) for each of them. */
    List<Peer> all() {
        Map<String, VersionVector> held = new HashMap<>();
        List<Peer> peers = new ArrayList<>();
        for (Acquaintances.Met met : acquaintances.latest(MOST_REPLICAS)) {
            Acquaintances.Replica replica = met.replica();
            peers.add(new Peer(replica.origin().toString(), lag(met.space(), replica.given(), held), null));
        }
        Map<String, Peer> byUrl = new LinkedHashMap<>();
        for (PeerState relay : relays.get()) {
            Lag lag = lag(relay.space(), relay.holds(), held);
            byUrl.merge(
                    relay.url(),
                    new Peer(relay.url(), lag, relay.isGood()),
                    (a, b) ->
                            new Peer(a.name, a.lag.and(b.lag), Boolean.TRUE.equals(a.up) && Boolean.TRUE.equals(b.up)));
        }
        peers.addAll(byUrl.values());
        return peers;
    }

    private Lag lag(String name, VersionVector theirs, Map<String, VersionVector> heldBySpace) {
        Space space = spaces.space(name);
        return of(space, heldBySpace.computeIfAbsent(name, each -> space.heads().vector()), theirs);
    }
}
