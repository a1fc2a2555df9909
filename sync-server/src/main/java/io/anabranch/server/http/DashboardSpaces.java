// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.peers.PeerState;
import io.anabranch.server.space.Space;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.Usage;
import io.anabranch.sync.change.Heads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the dashboard shows of each space: what it holds, its replicas, and the relays it is exchanged with. Thread-safe. */
final class DashboardSpaces {
    /** Beyond these only their number is told. */
    private static final int MOST_REPLICAS = 200;

    private final Spaces spaces;
    private final Listeners listeners;
    private final Acquaintances acquaintances;
    private final PeerLags lags;
    private final Limits limits;

    DashboardSpaces(Spaces spaces, Listeners listeners, Acquaintances acquaintances, PeerLags lags, Limits limits) {
        this.spaces = spaces;
        this.listeners = listeners;
        this.acquaintances = acquaintances;
        this.lags = lags;
        this.limits = limits;
    }

    /** @param whole whether to tell of the relay's own peers, which are no business of those who look after one space */
    Map<String, @Nullable Object> document(String name, boolean whole) {
        Space space = spaces.space(name);
        Heads heads = space.heads();
        Usage usage = space.usage();
        VersionVector held = heads.vector();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("name", name);
        document.put("changeSets", usage.changeSets());
        document.put("bytes", usage.bytes());
        document.put("maxBytes", limits.spaceBytes() == Limits.NONE ? null : limits.spaceBytes());
        document.put("origins", heads.entries().size());
        document.put("held", space.waiting().size());
        Set<String> listening = listeners.originsIn(name);
        List<Acquaintances.Replica> replicas = acquaintances.of(name);
        document.put("replicaCount", replicas.size());
        List<Object> shown = new ArrayList<>();
        for (Acquaintances.Replica replica : replicas.subList(0, Math.min(MOST_REPLICAS, replicas.size()))) {
            shown.add(replica(replica, space, held, listening));
        }
        document.put("replicas", shown);
        if (whole) {
            document.put(
                    "relays",
                    lags.relaysOf(name).stream()
                            .map(relay -> relay(relay, space, held))
                            .collect(Collectors.toList()));
        }
        return document;
    }

    private Map<String, @Nullable Object> replica(
            Acquaintances.Replica replica, Space space, VersionVector held, Set<String> listening) {
        PeerLags.Lag lag = lags.of(space, held, replica.given());
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("origin", replica.origin().toString());
        document.put("relay", replica.relay());
        document.put("token", replica.token());
        document.put("software", replica.software());
        document.put("lastSeen", replica.lastSeenMillis());
        document.put("clockOffsetMillis", replica.clockOffsetMillis());
        document.put("seq", held.get(replica.origin()));
        document.put("behind", lag.changeSets());
        document.put("behindMillis", lag.millis());
        document.put("listening", listening.contains(replica.origin().toString()));
        document.put("sent", replica.sent());
        document.put("received", replica.received());
        return document;
    }

    private Map<String, @Nullable Object> relay(PeerState relay, Space space, VersionVector held) {
        PeerLags.Lag lag = lags.of(space, held, relay.holds());
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("url", relay.url());
        document.put("good", relay.isGood());
        document.put("trouble", relay.trouble());
        document.put("settled", relay.settledMillis());
        document.put("behind", lag.changeSets());
        document.put("behindMillis", lag.millis());
        document.put("ahead", relay.holds().countMinus(held));
        return document;
    }
}
