// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Pages for people, and the description of the API for programs: files of the jar that say nothing about this relay. They load
 * nothing from elsewhere, and their policy forbids them to.
 */
final class PageRoutes {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    List<Route> routes() {
        byte[] description = file("openapi.json");
        byte[] dashboard = file("dashboard.html");
        byte[] page = ApiPage.of(description).getBytes(StandardCharsets.UTF_8);
        return List.of(
                answer("/openapi.json", "application/json", description),
                answer("/api", "text/html; charset=utf-8", page),
                Route.get(
                        "/dashboard",
                        Need.DASHBOARD_PAGE,
                        (context, caller) -> answer(context, "text/html; charset=utf-8", dashboard)),
                answer("/pages/dashboard.js", "text/javascript; charset=utf-8", file("dashboard.js")),
                answer("/pages/page.css", "text/css; charset=utf-8", file("page.css")));
    }

    private static Route answer(String path, String mediaType, byte[] content) {
        return Route.get(path, Need.NOTHING, (context, caller) -> answer(context, mediaType, content));
    }

    private static void answer(Context context, String mediaType, byte[] content) {
        context.header("Content-Security-Policy", POLICY);
        context.header("Cache-Control", "no-cache");
        context.contentType(mediaType).result(content);
    }

    private static byte[] file(String name) {
        try (InputStream in =
                Objects.requireNonNull(PageRoutes.class.getResourceAsStream("/io/anabranch/server/pages/" + name))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError("the jar lacks " + name, e);
        }
    }
}
