// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tokens of a space, for those who hold an admin token of it. */
final class TokenRoutes {
    private final Tokens tokens;

    TokenRoutes(Tokens tokens) {
        this.tokens = tokens;
    }

    List<Route> routes() {
        String all = "/v1/spaces/{space}/tokens";
        return List.of(
                Route.get(all, Need.ADMIN, this::list),
                Route.post(all, Need.ADMIN, this::create),
                Route.delete(all + "/{id}", Need.ADMIN, this::revoke));
    }

    private void list(Context context, Caller caller) throws IOException {
        String space = context.pathParam("space");
        List<Map<String, @Nullable Object>> found = tokens.list().stream()
                .filter(token -> token.space().equals(space))
                .map(AccessToken::document)
                .collect(Collectors.toList());
        JsonBody.answer(context, 200, Map.of("tokens", found));
    }

    private void create(Context context, Caller caller) throws IOException {
        JsonBody body = JsonBody.read(context);
        Tokens.Created created;
        try {
            created = create(context.pathParam("space"), body);
        } catch (IllegalArgumentException e) {
            throw JsonBody.malformed(String.valueOf(e.getMessage()));
        }
        if (created == null) {
            throw noSuchToken(body.text("renew", ""));
        }
        RelayLog.tokenMade(created.token(), caller);
        Map<String, @Nullable Object> document = created.token().document();
        document.put("token", created.text());
        // Nobody can show it again, so nobody on the way shall keep it.
        context.header("Cache-Control", "no-store");
        JsonBody.answer(context, 201, document);
    }

    private Tokens.@Nullable Created create(String space, JsonBody body) {
        var rights = Right.parse(body.texts("rights"));
        String name = body.text("name", "");
        String renew = body.text("renew", "");
        return renew.isEmpty() ? tokens.create(space, rights, name) : tokens.renew(renew, space, rights, name);
    }

    private void revoke(Context context, Caller caller) {
        String id = context.pathParam("id");
        AccessToken token = tokens.find(id);
        if (token == null || !token.space().equals(context.pathParam("space")) || !tokens.revoke(id)) {
            throw noSuchToken(id);
        }
        RelayLog.tokenRevoked(id, caller);
        context.status(204);
    }

    private static Problem noSuchToken(String id) {
        return new Problem(
                404,
                "no-such-token",
                "No such token",
                "nothing was done: no token '" + id + "' is good for this space. List them to find its id");
    }
}
