// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.transport.CaCertificates;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Looks at a relay from outside, as a client that means to sync with it would. */
final class RelayDoctor {
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);
    private static final long SLOW_MILLIS = 1_000;
    private static final int LATENCY_SAMPLES = 5;

    private final URI relay;
    private final RelayHttp http;
    private final Clock clock;
    private final Checkup checkup;

    private RelayDoctor(URI relay, RelayHttp http, Clock clock) {
        this.relay = relay;
        this.http = http;
        this.clock = clock;
        this.checkup = new Checkup(relay.toString(), "relay");
    }

    /**
     * Looks at a relay.
     *
     * @param space the space to look at more closely; null for none
     * @param trusted certificates that vouch for it; null for those that this machine trusts
     */
    static Checkup look(
            URI relay, @Nullable String space, @Nullable String token, @Nullable CaCertificates trusted, Clock clock) {
        try (RelayHttp http = new RelayHttp(relay, token, trusted)) {
            RelayDoctor doctor = new RelayDoctor(relay, http, clock);
            if (doctor.reach()) {
                doctor.tls();
                doctor.ready();
                if (space != null) {
                    doctor.space(space);
                }
            }
            return doctor.checkup;
        }
    }

    private boolean reach() {
        List<Long> millis = new ArrayList<>();
        try {
            for (int i = 0; i < LATENCY_SAMPLES; i++) {
                long began = System.nanoTime();
                RelayHttp.Answer live = http.get("/health/live");
                millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
                if (live.status() != 200 || !live.text().equals("live\n")) {
                    checkup.error(
                            "reachable",
                            "somebody answers there, but not as a relay does (HTTP " + live.status() + ")",
                            "check the address and the proxy in front: it has to pass on every path below it");
                    return false;
                }
            }
        } catch (IOException e) {
            checkup.error("reachable", "nobody answers: " + http.why(e), advice(e));
            return false;
        }
        millis.sort(null);
        long median = millis.get(LATENCY_SAMPLES / 2);
        checkup.ok("reachable", "a relay answers");
        if (median > SLOW_MILLIS) {
            checkup.warning(
                    "latency",
                    "half of " + LATENCY_SAMPLES + " answers took more than " + median + " ms",
                    "look at the line, and at anabranch_requests_seconds of its /metrics");
        } else {
            checkup.ok("latency", "half of " + LATENCY_SAMPLES + " answers took at most " + median + " ms");
        }
        return true;
    }

    private static String advice(IOException e) {
        if (e instanceof SSLException) {
            return "if its certificate is of your own authority, give it with --ca-cert; else have the certificate renewed, or"
                    + " check that it is https that is spoken there";
        }
        return "check the address, that the relay runs ('anabranch serve'), and that firewalls let it through";
    }

    private void tls() {
        boolean secure = "https".equalsIgnoreCase(relay.getScheme());
        String host = String.valueOf(relay.getHost());
        boolean local = host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
        if (secure) {
            checkup.ok("tls", "its certificate is trusted here and is for " + host);
        } else if (local) {
            checkup.ok("tls", "plain HTTP, which does not leave this machine");
        } else {
            checkup.warning(
                    "tls",
                    "tokens and change sets travel in plain HTTP, readable on the way",
                    "start it with --tls-cert and --tls-key, or put a proxy that speaks TLS before it");
        }
    }

    private void ready() {
        try {
            RelayHttp.Answer answer = http.get("/health/ready");
            if (answer.status() == 200) {
                checkup.ok("ready", "it can take change sets");
            } else {
                checkup.error("ready", answer.detail(), "on its machine: 'anabranch doctor FILE' on the relay's file");
            }
        } catch (IOException e) {
            checkup.error("ready", "it did not say: " + http.why(e), advice(e));
        }
    }

    private void space(String name) {
        String path = RelayHttp.path(name);
        try {
            long before = clock.millis();
            RelayHttp.Answer answer = http.get(path);
            long after = clock.millis();
            if (answer.status() != 200) {
                checkup.error("token", answer.detail(), "ask whoever runs the relay for a token of this space");
                return;
            }
            JsonNode document = answer.json();
            rights(document);
            protocol(document.path("protocol"));
            clock(document.path("time").asLong() - (before + after) / 2);
            if (document.path("rights").toString().contains("read")) {
                events(path);
            }
        } catch (IOException e) {
            checkup.error("token", "it did not say: " + http.why(e), advice(e));
        }
    }

    private void rights(JsonNode document) {
        List<String> rights = new ArrayList<>();
        document.path("rights").forEach(right -> rights.add(right.asText()));
        String message = "rights in this space: " + String.join(", ", rights);
        if (rights.contains("read") && rights.contains("write")) {
            checkup.ok("token", message);
        } else {
            checkup.warning(
                    "token",
                    message,
                    "a replica that reads and writes needs a token with read,write: 'anabranch token create' makes one");
        }
    }

    private void protocol(JsonNode range) {
        int oldest = range.path("oldest").asInt();
        int newest = range.path("newest").asInt();
        String message = "it understands protocol " + oldest + " to " + newest + ", and this version speaks "
                + MessageCodec.PROTOCOL;
        if (oldest <= MessageCodec.PROTOCOL && MessageCodec.PROTOCOL <= newest) {
            checkup.ok("protocol", message);
        } else {
            checkup.error(
                    "protocol",
                    message,
                    newest < MessageCodec.PROTOCOL ? "have the relay updated" : "update this client");
        }
    }

    private void clock(long offsetMillis) {
        String message = "its clock is " + Math.abs(offsetMillis) + " ms " + (offsetMillis < 0 ? "behind" : "ahead of")
                + " this one";
        if (Math.abs(offsetMillis) > CLOCK_TOLERANCE.toMillis()) {
            checkup.warning(
                    "clock", message, "set both clocks by the network's: later writes win only by right clocks");
        } else {
            checkup.ok("clock", message);
        }
    }

    /** A proxy that gathers what it passes on holds back events, and every change would come with the timer alone. */
    private void events(String path) throws IOException {
        long began = System.nanoTime();
        try (Response response = http.open(path + "/events", "text/event-stream")) {
            ResponseBody body = response.body();
            String line = body == null || response.code() != 200
                    ? null
                    : body.source().readUtf8Line();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            if (line != null && line.startsWith("event: ")) {
                checkup.ok("events", "the first event came after " + millis + " ms");
            } else {
                checkup.warning(
                        "events",
                        "it tells no events (HTTP " + response.code() + "), so changes come with the timer",
                        "see whether a proxy in front blocks text/event-stream");
            }
        } catch (IOException e) {
            checkup.warning(
                    "events",
                    "no event came within " + RelayHttp.PATIENCE.toSeconds()
                            + " s: a proxy in front holds them back, so changes come" + " with the timer",
                    "turn off buffering for /v1/spaces/*/events there (nginx: proxy_buffering off)");
        }
    }
}
