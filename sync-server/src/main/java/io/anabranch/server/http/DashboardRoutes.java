// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.peers.PeerState;
import io.anabranch.server.space.Space;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.Holdings;
import io.anabranch.server.store.Usage;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.MessageCodec;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the dashboard shows, as JSON. To its own machine a relay tells of all spaces, to the holder of an admin token of its own. */
final class DashboardRoutes {
    /** Beyond these only their number is told. */
    private static final int MOST_SPACES = 200;

    private static final int MOST_REPLICAS = 200;
    private static final int MOST_TOKENS = 500;

    private final Holdings store;
    private final Spaces spaces;
    private final Tokens tokens;
    private final Metrics metrics;
    private final Listeners listeners;
    private final Acquaintances acquaintances;
    private final PeerLags lags;
    private final Limits limits;
    private final LongSupplier freeDiskBytes;
    private final Clock clock;
    private final long startedMillis;

    DashboardRoutes(
            Holdings store,
            Spaces spaces,
            Tokens tokens,
            Metrics metrics,
            Listeners listeners,
            Acquaintances acquaintances,
            PeerLags lags,
            Limits limits,
            LongSupplier freeDiskBytes,
            Clock clock) {
        this.store = store;
        this.spaces = spaces;
        this.tokens = tokens;
        this.metrics = metrics;
        this.listeners = listeners;
        this.acquaintances = acquaintances;
        this.lags = lags;
        this.limits = limits;
        this.freeDiskBytes = freeDiskBytes;
        this.clock = clock;
        this.startedMillis = clock.millis();
    }

    List<Route> routes() {
        return List.of(Route.get("/v1/dashboard", Need.DASHBOARD, this::dashboard));
    }

    private void dashboard(Context context, Caller caller) throws IOException {
        String only = caller.space();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("now", clock.millis());
        document.put("started", startedMillis);
        document.put("protocol", MessageCodec.PROTOCOL);
        document.put("scope", only == null ? "relay" : "space");
        if (only == null) {
            whole(document);
        }
        List<String> names = only == null ? store.spaceNames() : List.of(only);
        document.put("spaceCount", names.size());
        document.put(
                "spaces",
                names.stream()
                        .limit(MOST_SPACES)
                        .map(name -> space(name, only == null))
                        .collect(Collectors.toList()));
        List<AccessToken> shown = tokens.list().stream()
                .filter(token -> only == null || token.space().equals(only))
                .collect(Collectors.toList());
        document.put("tokenCount", shown.size());
        document.put(
                "tokens", shown.stream().limit(MOST_TOKENS).map(this::token).collect(Collectors.toList()));
        JsonBody.answer(context, 200, document);
    }

    /** What concerns all spaces together is for those who run the relay. */
    private void whole(Map<String, @Nullable Object> document) {
        Metrics.Totals totals = metrics.totals();
        document.put("requests", totals.requests());
        document.put("changeSetsIn", totals.changeSetsIn());
        document.put("changeSetsOut", totals.changeSetsOut());
        document.put("rejected", metrics.rejectedByCode());
        document.put("listeners", listeners.count());
        document.put("mostListeners", limits.listeners());
        document.put("applyMeanMillis", metrics.applyMeanMillis());
        document.put("storeBytes", metrics.gaugeValue("anabranch.store.bytes"));
        document.put("diskFreeBytes", freeDiskBytes.getAsLong());
        document.put("leastDiskFreeBytes", limits.freeDiskBytes());
    }

    /** @param whole whether to tell of the relay's own peers, which are no business of those who look after one space */
    private Map<String, @Nullable Object> space(String name, boolean whole) {
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

    private Map<String, @Nullable Object> token(AccessToken token) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("id", token.id());
        document.put("space", token.space());
        document.put("rights", Right.words(token.rights()));
        document.put("name", token.name());
        document.put("created", token.created().toEpochMilli());
        Instant revoked = token.revoked();
        document.put("revoked", revoked == null ? null : revoked.toEpochMilli());
        document.put("lastUsed", acquaintances.lastUsedMillis(token.id()));
        return document;
    }
}
