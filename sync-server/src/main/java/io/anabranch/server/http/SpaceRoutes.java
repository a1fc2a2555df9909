// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.access.Right;
import io.anabranch.sync.session.MessageCodec;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a caller may do in a space, and what it has to know to do so: for clients that look before they begin. */
final class SpaceRoutes {
    private final Limits limits;
    private final Clock clock;

    SpaceRoutes(Limits limits, Clock clock) {
        this.limits = limits;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(Route.get("/v1/spaces/{space}", Need.ANY_RIGHT, this::describe));
    }

    private void describe(Context context, Caller caller) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("space", SyncRoutes.spaceName(context.pathParam("space")));
        document.put(
                "rights",
                Arrays.stream(Right.values())
                        .filter(caller::may)
                        .map(Right::word)
                        .collect(Collectors.toList()));
        document.put("protocol", Map.of("oldest", MessageCodec.OLDEST_PROTOCOL, "newest", MessageCodec.PROTOCOL));
        document.put("time", clock.millis());
        document.put("maxRequestBytes", limits.requestBytes());
        JsonBody.answer(context, 200, document);
    }
}
