// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Speaks to a relay in plain HTTP, as anybody may. */
public final class RelayClient {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI relay;

    public RelayClient(URI relay) {
        this.relay = relay;
    }

    /** Sends a sync request of {@code sender}, who claims to hold nothing. */
    public Answer sync(String space, @Nullable String token, Origin sender, EncodedChangeSet... changeSets) {
        return sync(space, token, sender, 1 << 20, changeSets);
    }

    /** Likewise, and wants none in return. */
    public Answer bring(String space, @Nullable String token, Origin sender, EncodedChangeSet... changeSets) {
        return sync(space, token, sender, 0, changeSets);
    }

    private Answer sync(
            String space, @Nullable String token, Origin sender, long replyBytes, EncodedChangeSet... changeSets) {
        SyncRequest request = new SyncRequest(
                sender, Heads.NONE.get(sender), Hash128.ZERO, null, new TreeMap<>(), replyBytes, List.of(changeSets));
        return send(
                "POST",
                "/v1/spaces/" + encode(space) + "/sync",
                token,
                MessageCodec.MEDIA_TYPE,
                MessageCodec.encode(request));
    }

    public Answer json(String method, String path, @Nullable String token, @Nullable String body) {
        return send(
                method,
                path,
                token,
                "application/json",
                body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8));
    }

    public Answer send(
            String method, String path, @Nullable String token, String contentType, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(relay + path))
                .header("Content-Type", contentType)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            return new Answer(HTTP.send(request.build(), BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** What came back. */
    public record Answer(HttpResponse<byte[]> response) {
        public int status() {
            return response.statusCode();
        }

        public byte[] body() {
            return response.body();
        }

        public String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        public @Nullable String header(String name) {
            return response.headers().firstValue(name).orElse(null);
        }

        public JsonNode json() {
            try {
                return JSON.readTree(response.body());
            } catch (IOException e) {
                throw new UncheckedIOException(text(), e);
            }
        }

        /** Returns the code of a problem; empty if this is none. */
        public String code() {
            return "application/problem+json".equals(header("Content-Type"))
                    ? json().path("code").asText()
                    : "";
        }
    }
}
