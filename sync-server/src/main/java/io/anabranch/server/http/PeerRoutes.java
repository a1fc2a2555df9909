// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.space.OtherRelay;
import io.anabranch.server.space.Space;
import io.anabranch.server.space.Spaces;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Those with whom a space is exchanged, and how to forget one that is gone for good: for those who hold an admin token of it. */
final class PeerRoutes {
    private final Spaces spaces;
    private final Acquaintances acquaintances;
    private final PeerLags lags;

    PeerRoutes(Spaces spaces, Acquaintances acquaintances, PeerLags lags) {
        this.spaces = spaces;
        this.acquaintances = acquaintances;
        this.lags = lags;
    }

    List<Route> routes() {
        String all = "/v1/spaces/{space}/peers";
        return List.of(
                Route.get(all, Need.ADMIN, this::list), Route.delete(all + "/{origin}", Need.ADMIN, this::forget));
    }

    private void list(Context context, Caller caller) throws IOException {
        String name = SyncRoutes.spaceName(context.pathParam("space"));
        Space space = spaces.space(name);
        VersionVector held = space.heads().vector();
        Map<Origin, Map<String, @Nullable Object>> peers = new TreeMap<>();
        for (Acquaintances.Replica replica : acquaintances.of(name)) {
            PeerLags.Lag lag = lags.of(space, held, replica.given());
            peers.put(replica.origin(), document(replica.origin(), replica.relay(), replica.lastSeenMillis(), lag));
        }
        for (OtherRelay relay : space.relays()) {
            PeerLags.Lag lag = lags.of(space, held, relay.held());
            peers.computeIfAbsent(relay.origin(), origin -> document(origin, true, null, lag))
                    .put("holdsUp", relay.holdsUp());
        }
        JsonBody.answer(context, 200, Map.of("peers", peers.values()));
    }

    private static Map<String, @Nullable Object> document(
            Origin origin, boolean relay, @Nullable Long lastSeenMillis, PeerLags.Lag lag) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("origin", origin.toString());
        document.put("kind", relay ? "relay" : "replica");
        document.put("lastSeen", lastSeenMillis);
        document.put("behind", lag.changeSets());
        document.put("behindMillis", lag.millis());
        document.put("holdsUp", false);
        return document;
    }

    private void forget(Context context, Caller caller) {
        String name = SyncRoutes.spaceName(context.pathParam("space"));
        Origin origin = origin(context.pathParam("origin"));
        boolean heardOf = spaces.space(name).forget(origin);
        boolean met = acquaintances.forget(name, origin);
        if (!heardOf && !met) {
            throw noSuchPeer(origin.toString());
        }
        RelayLog.peerForgotten(origin.toString(), name, caller);
        context.status(204);
    }

    private static Origin origin(String text) {
        try {
            return Origin.parse(text);
        } catch (IllegalArgumentException e) {
            throw noSuchPeer(text);
        }
    }

    private static Problem noSuchPeer(String name) {
        return new Problem(
                404,
                "no-such-peer",
                "No such peer",
                "nothing was done: no replica or relay '" + name
                        + "' is known in this space, or it was forgotten already."
                        + " List the peers to find its origin");
    }
}
