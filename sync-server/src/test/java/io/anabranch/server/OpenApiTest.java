// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code /openapi.json} against the routes that a running relay has, and against the page on the protocol. */
class OpenApiTest {
    @TempDir
    static Path folder;

    private static RelayServer relay;
    private static RelayClient client;
    private static JsonNode api;

    @BeforeAll
    static void start() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
        client = new RelayClient(relay.url());
        api = client.json("GET", "/openapi.json", null, null).json();
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    @Test
    void everyRegisteredRouteIsDescribedAndNoOther() {
        assertThat(api.get("openapi").asText()).isEqualTo("3.1.0");
        List<String> described = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : api.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                described.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
            }
        }
        assertThat(described).containsExactlyInAnyOrderElementsOf(relay.routes());
    }

    @Test
    void everyOperationSaysWhoMayAndWhatComesBack() {
        Set<String> ids = new HashSet<>();
        forEachOperation((path, operation) -> {
            assertThat(ids.add(operation.path("operationId").asText())).as(path).isTrue();
            assertThat(operation.path("summary").asText()).as(path).isNotEmpty();
            assertThat(operation.path("x-needs").asText()).as(path).isNotEmpty();
            assertThat(operation.path("security").isArray()).as(path).isTrue();
            assertThat(operation.path("security").isEmpty()).as(path).isEqualTo(!path.contains("{space}"));
            assertThat(operation.at("/responses/default/$ref").asText()).isEqualTo("#/components/responses/Problem");
            for (JsonNode answer : operation.get("responses")) {
                assertThat(answer.has("$ref")
                                || !answer.path("description").asText().isEmpty())
                        .as(path)
                        .isTrue();
            }
        });
    }

    @Test
    void everyPlaceholderOfAPathIsAParameter() {
        forEachOperation((path, operation) -> {
            Set<String> declared = new TreeSet<>();
            for (JsonNode parameter : operation.path("parameters")) {
                if (parameter.get("in").asText().equals("path")) {
                    declared.add(parameter.get("name").asText());
                    assertThat(parameter.get("required").asBoolean()).isTrue();
                }
            }
            Set<String> placeholders = new TreeSet<>();
            Matcher matcher = Pattern.compile("\\{([a-z]+)}").matcher(path);
            while (matcher.find()) {
                placeholders.add(matcher.group(1));
            }
            assertThat(declared).as(path).isEqualTo(placeholders);
        });
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<JsonNode> references = api.findValues("$ref");
        assertThat(references).isNotEmpty();
        for (JsonNode reference : references) {
            assertThat(api.at(reference.asText().substring(1)).isMissingNode())
                    .as(reference.asText())
                    .isFalse();
        }
    }

    @Test
    void theCodesOfErrorsAreThoseOfTheProtocolsPage() throws IOException {
        String page = Files.readString(Path.of("../docs/protocol.md"));
        Set<String> listed = new TreeSet<>();
        Matcher rows =
                Pattern.compile("(?m)^\\| [45][0-9]{2}[0-9, ]* \\| ([^|]+) \\|").matcher(page);
        while (rows.find()) {
            Matcher codes = Pattern.compile("`([a-z-]+)`").matcher(rows.group(1));
            while (codes.find()) {
                listed.add(codes.group(1));
            }
        }
        Set<String> described = new TreeSet<>();
        api.at("/components/schemas/Problem/properties/code/enum").forEach(code -> described.add(code.asText()));
        assertThat(described).isEqualTo(listed);
        String dashboard = Files.readString(Path.of("src/main/resources/io/anabranch/server/pages/dashboard.js"));
        assertThat(described).allSatisfy(code -> assertThat(dashboard).contains("'" + code + "': "));
    }

    @Test
    void thereIsAPageOfItThatLoadsNothingFromElsewhere() {
        RelayClient.Answer page = client.send("GET", "/api", null, "text/plain", new byte[0]);

        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(page.text()).contains("/v1/spaces/{space}/sync", "protocol-version", "Exchanges change sets.");
        assertThat(page.text()).doesNotContain("http://", "https://", "<script", "style=");
        for (String route : relay.routes()) {
            assertThat(page.text()).contains("<code>" + route.split(" ")[1] + "</code>");
        }
    }

    private interface Check {
        void of(String path, JsonNode operation);
    }

    private static void forEachOperation(Check check) {
        for (Map.Entry<String, JsonNode> path : api.get("paths").properties()) {
            path.getValue().forEach(operation -> check.of(path.getKey(), operation));
        }
    }
}
