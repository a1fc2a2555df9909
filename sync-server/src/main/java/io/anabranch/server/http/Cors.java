// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.util.List;

/**
 * Lets pages of configured web origins call the relay. Off without any: then no answer says anything that a browser would
 * take for a permission. Immutable.
 */
final class Cors {
    private final List<String> origins;

    Cors(List<String> origins) {
        this.origins = origins;
    }

    boolean isOn() {
        return !origins.isEmpty();
    }

    /** Adds the permission, if the caller's page has one. */
    void mark(Context context) {
        if (!isOn()) {
            return;
        }
        context.header("Vary", "Origin");
        String origin = context.header("Origin");
        if (origin != null && origins.contains(origin)) {
            context.header("Access-Control-Allow-Origin", origin);
        }
    }

    /** Answers a browser that asks before it sends. */
    void preflight(Context context) {
        context.header("Access-Control-Allow-Methods", "GET, POST, DELETE");
        context.header("Access-Control-Allow-Headers", "Authorization, Content-Type");
        context.header("Access-Control-Max-Age", "600");
        context.status(204);
    }
}
