// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;

/**
 * One address that answers one method, and what it asks of its caller. A route whose path has {@code {space}} asks it for
 * that space.
 */
record Route(HandlerType method, String path, Need need, Action action) {
    static Route get(String path, Need need, Action action) {
        return new Route(HandlerType.GET, path, need, action);
    }

    static Route post(String path, Need need, Action action) {
        return new Route(HandlerType.POST, path, need, action);
    }

    static Route delete(String path, Need need, Action action) {
        return new Route(HandlerType.DELETE, path, need, action);
    }

    /** Answers a caller who may. */
    interface Action {
        void answer(Context context, Caller caller) throws Exception;
    }
}
