// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.anabranch.sync.transport.CaCertificates;
import io.anabranch.sync.transport.HttpTransport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Asks a relay what is not part of an exchange. Waits ten seconds at most and reads no endless answer. Confined to one thread. */
final class RelayHttp implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MAX_ANSWER_BYTES = 4 << 20;

    private final URI relay;
    private final @Nullable String token;
    private final OkHttpClient http;

    /**
     * @param token sent where a path is of a space; null for none
     * @param trusted certificates that vouch for the relay; null for those that this machine trusts
     */
    RelayHttp(URI relay, @Nullable String token, @Nullable CaCertificates trusted) {
        this.relay = relay;
        this.token = token;
        this.http = HttpTransport.client(trusted)
                .newBuilder()
                .connectTimeout(PATIENCE)
                .readTimeout(PATIENCE)
                .build();
    }

    /** Returns the path of a space. */
    static String path(String space) {
        return "/v1/spaces/" + URLEncoder.encode(space, StandardCharsets.UTF_8).replace("+", "%20");
    }

    Answer get(String path) throws IOException {
        return answer(request(path).build());
    }

    Answer delete(String path) throws IOException {
        return answer(request(path).delete().build());
    }

    /** Returns the answer to a request whose body goes on and on. To be closed. */
    Response open(String path, String mediaType) throws IOException {
        return http.newCall(request(path).header("Accept", mediaType).build()).execute();
    }

    private Request.Builder request(String path) {
        String base = relay.toString();
        Request.Builder request =
                new Request.Builder().url((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
        boolean withToken = token != null && path.startsWith("/v1/");
        return withToken ? request.header("Authorization", "Bearer " + token) : request;
    }

    private Answer answer(Request request) throws IOException {
        try (Response response = http.newCall(request).execute()) {
            ResponseBody body = response.body();
            boolean tooLong = body == null || body.source().request(MAX_ANSWER_BYTES);
            return new Answer(response.code(), tooLong ? "" : body.source().readUtf8());
        }
    }

    record Answer(int status, String text) {
        JsonNode json() throws IOException {
            return JSON.readTree(text);
        }

        /** Returns the code of a problem and what it says for people. */
        String detail() {
            try {
                JsonNode problem = json();
                return problem.path("code").asText("HTTP " + status) + ": "
                        + problem.path("detail").asText("it says no more");
            } catch (IOException e) {
                return "HTTP " + status;
            }
        }
    }

    /** Says why no answer came. */
    String why(IOException e) {
        if (e instanceof UnknownHostException) {
            return "no host named " + relay.getHost() + " is known here";
        }
        if (e instanceof ConnectException) {
            return "nothing listens at that port, or a firewall is in between";
        }
        return Outcomes.inWords(String.valueOf(e.getMessage()));
    }

    @Override
    public void close() {
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
