// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** Turns the OpenAPI description into a page that people can read, without scripts. */
final class ApiPage {
    private final JsonNode api;
    private final StringBuilder html = new StringBuilder();

    private ApiPage(JsonNode api) {
        this.api = api;
    }

    static String of(byte[] openApi) {
        try {
            return new ApiPage(new ObjectMapper().readTree(openApi)).write();
        } catch (IOException e) {
            throw new AssertionError("openapi.json is no JSON", e);
        }
    }

    private String write() {
        html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(escape(api.at("/info/title")))
                .append(
                        "</title>\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/pages/page.css\">\n</head>\n<body>\n<main class=\"text\">\n<h1>")
                .append(escape(api.at("/info/title")))
                .append("</h1>\n<p>")
                .append(escape(api.at("/info/description")))
                .append("</p>\n<p>For programs: <a href=\"/openapi.json\">/openapi.json</a></p>\n");
        for (Map.Entry<String, JsonNode> path : api.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                if (!method.getKey().equals("parameters")) {
                    operation(method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue());
                }
            }
        }
        errors();
        return html.append("</main>\n</body>\n</html>\n").toString();
    }

    private void operation(String method, String path, JsonNode operation) {
        html.append("<section>\n<h2><span class=\"method\">")
                .append(method)
                .append("</span> <code>")
                .append(escape(path))
                .append("</code></h2>\n<p><strong>")
                .append(escape(operation.path("summary")))
                .append("</strong> ")
                .append(escape(operation.path("description")))
                .append("</p>\n<p class=\"who\">Who may: ")
                .append(escape(operation.path("x-needs")))
                .append("</p>\n<dl>\n");
        for (JsonNode parameter : operation.path("parameters")) {
            item(parameter.path("name").asText(), parameter.path("description"));
        }
        for (Map.Entry<String, JsonNode> body :
                operation.at("/requestBody/content").properties()) {
            item("body, " + body.getKey(), operation.at("/requestBody/description"));
        }
        for (Map.Entry<String, JsonNode> answer : operation.path("responses").properties()) {
            if (!answer.getKey().equals("default")) {
                item(answer.getKey(), answer.getValue().path("description"));
            }
        }
        html.append("</dl>\n</section>\n");
    }

    private void errors() {
        JsonNode problem = api.at("/components/schemas/Problem");
        html.append("<section>\n<h2>Errors</h2>\n<p>")
                .append(escape(problem.path("description")))
                .append("</p>\n<p>");
        for (JsonNode code : problem.at("/properties/code/enum")) {
            html.append("<code>").append(escape(code)).append("</code> ");
        }
        html.append("</p>\n</section>\n");
    }

    private void item(String term, JsonNode description) {
        html.append("<dt><code>")
                .append(escape(term))
                .append("</code></dt><dd>")
                .append(escape(description))
                .append("</dd>\n");
    }

    private static String escape(JsonNode text) {
        return escape(text.asText());
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
