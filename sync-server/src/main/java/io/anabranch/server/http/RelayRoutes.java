// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.RelayStore;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** All addresses of a relay. Whatever a client sends, it gets an answer that it can act on. */
public final class RelayRoutes {
    private final Gate gate;
    private final List<Route> routes = new ArrayList<>();

    /**
     * @param open whether no tokens are asked for
     * @param loopback whether only this machine reaches the relay
     */
    public RelayRoutes(RelayStore store, boolean open, boolean loopback, Clock clock) {
        Tokens tokens = new Tokens(store.tokens(), clock);
        this.gate = new Gate(tokens, open, loopback);
        routes.add(Route.get("/health/live", Need.NOTHING, (context, caller) -> context.result("live\n")));
        routes.addAll(new SyncRoutes(store, clock).routes());
        routes.addAll(new TokenRoutes(tokens).routes());
    }

    List<Route> routes() {
        return List.copyOf(routes);
    }

    public void addTo(RoutesConfig config) {
        for (Route route : routes) {
            config.addHttpHandler(route.method(), route.path(), context -> answer(route, context));
        }
        config.exception(Exception.class, (e, context) -> Problems.answer(Problems.of(e), context));
        // Javalin has an answer of its own to these, unless they are named.
        config.exception(
                HttpResponseException.class,
                (e, context) -> Problems.answer(Problems.ofStatus(e.getStatus()), context));
    }

    private void answer(Route route, Context context) throws Exception {
        route.action().answer(context, gate.admit(context, route));
    }
}
