// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.RelayClient.Answer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What answers say to browsers. */
class HeadersTest {
    @TempDir
    Path folder;

    private RelayServer relay;
    private RelayClient client;

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void everyAnswerKeepsABrowserFromDoingAnythingWithIt() {
        start(List.of());
        for (String path : List.of("/health/live", "/v1/spaces/shop/tokens", "/nowhere")) {
            Answer answer = get(path, "https://app.example");
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Content-Security-Policy")).startsWith("default-src 'none'");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
            assertThat(answer.header("Server")).isNull();
            assertThat(answer.header("Access-Control-Allow-Origin")).isNull();
        }
        assertThat(client.send("OPTIONS", "/v1/spaces/shop/sync", null, "text/plain", new byte[0])
                        .status())
                .isEqualTo(405);
    }

    @Test
    void onlyPagesOfConfiguredOriginsAreLetIn() {
        start(List.of("https://app.example"));

        assertThat(get("/health/live", "https://app.example").header("Access-Control-Allow-Origin"))
                .isEqualTo("https://app.example");
        assertThat(get("/health/live", "https://app.example").header("Vary")).isEqualTo("Origin");
        assertThat(get("/health/live", "https://evil.example").header("Access-Control-Allow-Origin"))
                .isNull();
        Answer preflight = client.send(
                "OPTIONS",
                "/v1/spaces/shop/sync",
                null,
                "text/plain",
                new byte[0],
                "Origin",
                "https://app.example",
                "Access-Control-Request-Method",
                "POST");
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("Access-Control-Allow-Headers")).contains("Authorization");
        assertThat(preflight.header("Access-Control-Allow-Credentials")).isNull();
    }

    private void start(List<String> origins) {
        relay = RelayServer.start(ServerOptions.builder()
                .port(0)
                .data(folder.resolve("relay.db"))
                .corsOrigins(origins)
                .build());
        client = new RelayClient(relay.url());
    }

    private Answer get(String path, String origin) {
        return client.send("GET", path, null, "text/plain", new byte[0], "Origin", origin);
    }
}
