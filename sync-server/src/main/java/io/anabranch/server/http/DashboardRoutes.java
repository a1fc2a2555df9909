// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.Holdings;
import io.anabranch.sync.session.MessageCodec;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the dashboard shows, as JSON. To its own machine a relay tells of all spaces, to the holder of an admin token of its own. */
final class DashboardRoutes {
    /** Beyond these only their number is told. */
    private static final int MOST_SPACES = 200;

    private static final int MOST_TOKENS = 500;

    private final Holdings store;
    private final Tokens tokens;
    private final Acquaintances acquaintances;
    private final DashboardTotals totals;
    private final DashboardSpaces spaces;
    private final Clock clock;
    private final long startedMillis;

    DashboardRoutes(
            Holdings store,
            Tokens tokens,
            Acquaintances acquaintances,
            DashboardTotals totals,
            DashboardSpaces spaces,
            Clock clock) {
        this.store = store;
        this.tokens = tokens;
        this.acquaintances = acquaintances;
        this.totals = totals;
        this.spaces = spaces;
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
            totals.addTo(document);
        }
        List<String> names = only == null ? store.spaceNames() : List.of(only);
        document.put("spaceCount", names.size());
        document.put(
                "spaces",
                names.stream()
                        .limit(MOST_SPACES)
                        .map(name -> spaces.document(name, only == null))
                        .collect(Collectors.toList()));
        List<AccessToken> shown = tokens.list().stream()
                .filter(token -> only == null || token.space().equals(only))
                .collect(Collectors.toList());
        document.put("tokenCount", shown.size());
        document.put(
                "tokens", shown.stream().limit(MOST_TOKENS).map(this::token).collect(Collectors.toList()));
        JsonBody.answer(context, 200, document);
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
