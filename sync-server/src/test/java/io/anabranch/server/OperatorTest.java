// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.RelayClient.Answer;
import io.anabranch.server.http.Limits;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.MessageCodec;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What those who run a relay can see of it. */
class OperatorTest {
    @TempDir
    Path folder;

    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets bob = ChangeSets.of(2);
    private RelayServer relay;
    private RelayClient client;

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void theNamesOfMetricsAreThoseOfThePage() {
        start(ServerOptions.builder());
        client.sync("shop", null, ann.origin(), ann.write("a1"));
        client.sync("shop", null, bob.origin());
        get("/nowhere");

        String text = get("/metrics").text();
        for (String name : List.of(
                "anabranch_requests_seconds_count{route=\"POST /v1/spaces/{space}/sync\",status=\"200\"} 2",
                "anabranch_change_sets_in_total 1.0",
                "anabranch_change_sets_out_total 2.0",
                "anabranch_change_set_bytes_in_total ",
                "anabranch_change_set_bytes_out_total ",
                "anabranch_apply_seconds_count 1",
                "anabranch_rejected_total{reason=\"not-found\"} 1.0",
                "anabranch_spaces 1.0",
                "anabranch_store_bytes ",
                "anabranch_disk_free_bytes ")) {
            assertThat(text).contains(name);
        }
        assertThat(text).doesNotContain("shop");
    }

    @Test
    void everyMetricSaysWhatItCounts() {
        start(ServerOptions.builder());
        client.sync("shop", null, ann.origin(), ann.write("a1"));
        get("/nowhere");

        List<String> families = get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("# HELP "))
                .toList();
        assertThat(families)
                .hasSizeGreaterThan(12)
                .allSatisfy(line -> assertThat(line).matches("# HELP anabranch_[a-z_]+ [A-Z0-9].{10,}"));
        assertThat(families)
                .anySatisfy(line -> assertThat(line).startsWith("# HELP anabranch_requests_seconds Seconds"));
    }

    /** Jetty by itself waits a second for clients that keep their connections. */
    @Test
    void clientsThatKeepTheirConnectionsDoNotHoldUpTheEnd() {
        start(ServerOptions.builder());
        get("/health/live");
        long began = System.nanoTime();
        relay.close();
        assertThat(System.nanoTime() - began).isLessThan(1_000_000_000L);
    }

    @Test
    void theLagOfEachReplicaIsCountedInChangeSetsAndMilliseconds() {
        EncodedChangeSet first = ann.write("a1");
        long written = first.header().stamp() >>> 16;
        start(ServerOptions.builder().clock(Clock.fixed(Instant.ofEpochMilli(written + 7_000), ZoneOffset.UTC)));
        client.sync("shop", null, bob.origin());
        client.sync("shop", null, ann.origin(), first, ann.write("a2"));

        String text = get("/metrics").text();
        assertThat(text)
                .contains("anabranch_peer_lag_change_sets{peer=\"" + ann.origin() + "\"} 0.0")
                .contains("anabranch_peer_lag_milliseconds{peer=\"" + ann.origin() + "\"} 0.0")
                .contains("anabranch_peer_lag_change_sets{peer=\"" + bob.origin() + "\"} 2.0")
                .contains("anabranch_peer_lag_milliseconds{peer=\"" + bob.origin() + "\"} 7000.0")
                .doesNotContain("anabranch_peer_up{");

        client.sync("shop", null, bob.origin());
        assertThat(get("/metrics").text())
                .as("what it was given it holds")
                .contains("anabranch_peer_lag_change_sets{peer=\"" + bob.origin() + "\"} 0.0");
    }

    @Test
    void metricsAreForThisMachineUnlessTold() {
        start(ServerOptions.builder());
        Answer refused =
                client.send("GET", "/metrics", null, "text/plain", new byte[0], "X-Forwarded-For", "203.0.113.9");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.code()).isEqualTo("local-only");
        relay.close();

        start(ServerOptions.builder().monitoredByAll(true));
        assertThat(client.send("GET", "/metrics", null, "text/plain", new byte[0], "X-Forwarded-For", "203.0.113.9")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aRelayIsReadyWhileItCanTakeChangeSets() {
        start(ServerOptions.builder());
        assertThat(get("/health/ready").text()).isEqualTo("ready\n");
        relay.close();

        start(ServerOptions.builder()
                .limits(Limits.builder().freeDiskBytes(Long.MAX_VALUE).build()));
        assertThat(get("/health/live").status()).isEqualTo(200);
        Answer answer = get("/health/ready");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("not-ready");
        assertThat(answer.header("Retry-After")).isEqualTo("30");
    }

    /** Balancers ask so, and heard 200 of a relay that was not ready. */
    @Test
    void aHeadHearsWhatAGetWouldWhereAnybodyMayAndIsRefusedElsewhere() {
        start(ServerOptions.builder()
                .limits(Limits.builder().freeDiskBytes(Long.MAX_VALUE).build()));
        assertThat(head("/health/live")).isEqualTo(200);
        assertThat(head("/health/ready")).isEqualTo(503);
        assertThat(head("/metrics")).isEqualTo(405);
        assertThat(head("/v1/spaces/shop/events")).isEqualTo(405);
    }

    private int head(String path) {
        return client.send("HEAD", path, null, "text/plain", new byte[0]).status();
    }

    @Test
    void whatIsUnderWayWhenItStopsIsAnswered() throws Exception {
        start(ServerOptions.builder());
        String head = "POST /v1/spaces/shop/sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + MessageCodec.MEDIA_TYPE + "\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n";
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            String goOn = "HTTP/1.1 100 Continue\r\n\r\n";
            assertThat(new String(socket.getInputStream().readNBytes(goOn.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(goOn); // Now somebody waits for the body.
            int port = relay.port();
            Thread stopping = new Thread(relay::close);
            stopping.start();
            while (isOpen(port)) {
                // Who says nothing for a second while the relay stops is not waited for.
                socket.getOutputStream().write("1\r\nA\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            socket.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 400");
            stopping.join();
        }
    }

    private static boolean isOpen(int port) {
        try (Socket probe = new Socket("127.0.0.1", port)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private void start(ServerOptions.Builder options) {
        relay = RelayServer.start(
                options.port(0).data(folder.resolve("relay.db")).build());
        client = new RelayClient(relay.url());
    }

    private Answer get(String path) {
        return client.send("GET", path, null, "text/plain", new byte[0]);
    }
}
