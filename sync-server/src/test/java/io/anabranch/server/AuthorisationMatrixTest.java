// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.RelayClient.Answer;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who may do what: every route by every kind of caller, space and method, against a running relay. A route that is
 * registered and has no row here fails, and so does a row without a route.
 */
class AuthorisationMatrixTest {
    private static final List<String> CALLERS =
            List.of("none", "garbage", "revoked", "other", "read", "write", "admin");

    /** What each caller gets for the space "mine"; "other" has all rights, in another space. */
    private static final String MATRIX = """
            route                                 none garbage revoked other read write admin
            GET    /health/live                   200  200     200     200   200  200   200
            GET    /health/ready                  200  200     200     200   200  200   200
            GET    /metrics                       200  200     200     200   200  200   200
            GET    /openapi.json                  200  200     200     200   200  200   200
            GET    /api                           200  200     200     200   200  200   200
            GET    /dashboard                     200  200     200     200   200  200   200
            GET    /v1/dashboard                  200  200     200     200   200  200   200
            GET    /pages/dashboard.js            200  200     200     200   200  200   200
            GET    /pages/page.css                200  200     200     200   200  200   200
            POST   /v1/spaces/{space}/sync        401  401     401     403   200  200   403
            GET    /v1/spaces/{space}/events      401  401     401     403   200  403   403
            GET    /v1/spaces/{space}             401  401     401     403   200  200   200
            GET    /v1/spaces/{space}/changes     401  401     401     403   200  403   403
            GET    /v1/spaces/{space}/tokens      401  401     401     403   403  403   200
            POST   /v1/spaces/{space}/tokens      401  401     401     403   403  403   201
            DELETE /v1/spaces/{space}/tokens/{id} 401  401     401     403   403  403   204
            GET    /v1/spaces/{space}/peers       401  401     401     403   403  403   200
            DELETE /v1/spaces/{space}/peers/{origin} 401 401   401     403   403  403   204
            """;

    /** What callers get who come from elsewhere, where that differs: unless told, and told. */
    private static final String ELSEWHERE = """
            route                                 none garbage revoked other read write admin
            GET    /metrics                       403  403     403     403   403  403   403
            GET    /dashboard                     403  403     403     403   403  403   403
            GET    /v1/dashboard                  403  403     403     403   403  403   403
            """;

    private static final String ELSEWHERE_WHEN_TOLD = """
            route                                 none garbage revoked other read write admin
            GET    /metrics                       200  200     200     200   200  200   200
            GET    /dashboard                     200  200     200     200   200  200   200
            GET    /v1/dashboard                  401  401     401     200   403  403   200
            """;

    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE");

    @TempDir
    static Path folder;

    private static final TreeMap<String, String> TOKENS = new TreeMap<>();
    private static SqliteRelayStore store;
    private static Tokens tokens;
    private static RelayServer relay;
    private static RelayClient client;

    @BeforeAll
    static void start() {
        Path data = folder.resolve("relay.db");
        store = SqliteRelayStore.open(new JdbcDriver(), data);
        tokens = new Tokens(store.tokens(), Clock.systemUTC());
        for (Right right : Right.values()) {
            TOKENS.put(right.word(), tokens.create("mine", Set.of(right), "").text());
        }
        TOKENS.put("other", tokens.create("other", Set.of(Right.values()), "").text());
        TOKENS.put("garbage", TOKENS.get("admin").substring(0, 60) + "0000000000");
        Tokens.Created revoked = tokens.create("mine", Set.of(Right.values()), "");
        tokens.revoke(revoked.token().id());
        TOKENS.put("revoked", revoked.text());
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data));
        client = new RelayClient(relay.url());
    }

    @AfterAll
    static void stop() {
        relay.close();
        store.close();
    }

    @Test
    void everyRegisteredRouteHasARow() {
        assertThat(relay.routes())
                .containsExactlyInAnyOrderElementsOf(
                        rows().stream().map(Row::route).collect(Collectors.toList()));
    }

    @Test
    void everyCallerGetsWhatTheMatrixSaysInItsOwnSpace() {
        for (Row row : rows()) {
            for (String caller : CALLERS) {
                assertThat(call(row, caller, "mine").status())
                        .as("%s by %s", row.route(), caller)
                        .isEqualTo(row.expected(caller));
            }
        }
    }

    @Test
    void whatIsForThisMachineIsForOthersOnlyWhenTold() {
        assertFromElsewhere(client, ELSEWHERE);
        ServerOptions told = ServerOptions.builder()
                .port(0)
                .data(folder.resolve("relay.db"))
                .monitoredByAll(true)
                .dashboardForAdmins(true)
                .build();
        try (RelayServer second = RelayServer.start(told)) {
            RelayClient guest = new RelayClient(second.url());
            assertFromElsewhere(guest, ELSEWHERE_WHEN_TOLD);
            JsonNode seen = fromElsewhere(guest, "/v1/dashboard", "other").json();
            assertThat(seen.get("spaces").findValuesAsText("name")).containsExactly("other");
            assertThat(seen.get("tokens").findValuesAsText("space")).containsOnly("other");
            assertThat(seen.has("rejected")).isFalse();
            assertThat(seen.has("storeBytes")).isFalse();
        }
        JsonNode local = client.json("GET", "/v1/dashboard", null, null).json();
        assertThat(local.get("spaces").findValuesAsText("name")).containsExactly("mine", "other");
        TOKENS.values().forEach(token -> assertThat(local.toString()).doesNotContain(token));
    }

    private static void assertFromElsewhere(RelayClient guest, String matrix) {
        for (Row row : rows(matrix)) {
            for (String caller : CALLERS) {
                assertThat(fromElsewhere(guest, row.path(), caller).status())
                        .as("%s by %s", row.route(), caller)
                        .isEqualTo(row.expected(caller));
            }
        }
    }

    private static Answer fromElsewhere(RelayClient guest, String path, String caller) {
        return guest.send("GET", path, TOKENS.get(caller), "text/plain", new byte[0], "X-Forwarded-For", "203.0.113.9");
    }

    @Test
    void noTokenTellsWhetherAnotherSpaceExists() {
        for (Row row : rows().stream().filter(Row::isOfSpace).collect(Collectors.toList())) {
            for (String caller : CALLERS) {
                Answer existing = call(row, caller, caller.equals("other") ? "mine" : "other");
                Answer missing = call(row, caller, "nowhere");
                assertThat(existing.status())
                        .as("%s by %s", row.route(), caller)
                        .isIn(401, 403);
                assertThat(missing.status()).isEqualTo(existing.status());
                assertThat(missing.text()).isEqualTo(existing.text());
                assertThat(headersOf(missing)).isEqualTo(headersOf(existing));
            }
        }
        assertThat(store.spaceNames()).containsExactly("mine", "other");
    }

    @Test
    void everyOtherMethodIsRefusedWhateverTheToken() {
        for (String path : rows().stream().map(Row::path).distinct().collect(Collectors.toList())) {
            for (String method : METHODS) {
                if (rows().stream().noneMatch(row -> row.route().equals(method + " " + path))) {
                    Answer answer = client.json(
                            method,
                            path.replace("{space}", "mine").replace("{id}", "x").replace("{origin}", "x"),
                            TOKENS.get("admin"),
                            null);
                    assertThat(answer.status()).as("%s %s", method, path).isEqualTo(405);
                    assertThat(answer.code()).isEqualTo("method-not-allowed");
                }
            }
        }
    }

    private static Answer call(Row row, String caller, String space) {
        String path = row.path().replace("{space}", space);
        String token = TOKENS.get(caller);
        if (row.path().endsWith("/events")) {
            return client.json(row.method(), path + "?wait=1", token, null);
        }
        if (row.path().endsWith("/sync")) {
            return client.send(row.method(), path, token, MessageCodec.MEDIA_TYPE, syncOf(caller));
        }
        if (path.contains("{id}")) {
            String id = tokens.create("mine", Set.of(Right.READ), "").token().id();
            return client.json(row.method(), path.replace("{id}", id), token, null);
        }
        if (path.contains("{origin}")) {
            Origin met = Origin.of(7, CALLERS.indexOf("write") + 1);
            client.send("POST", "/v1/spaces/mine/sync", TOKENS.get("write"), MessageCodec.MEDIA_TYPE, syncOf("write"));
            return client.json(row.method(), path.replace("{origin}", met.toString()), token, null);
        }
        byte[] body =
                row.method().equals("POST") ? "{\"rights\":[\"read\"]}".getBytes(StandardCharsets.UTF_8) : new byte[0];
        return client.send(row.method(), path, token, "application/json", body);
    }

    /** Without what depends on the moment: a body that is not read may end the connection. */
    private static Set<String> headersOf(Answer answer) {
        Set<String> names = new TreeSet<>(answer.response().headers().map().keySet());
        names.removeAll(Set.of("connection", "date"));
        return names;
    }

    /** Each caller claims an origin of its own. */
    private static byte[] syncOf(String caller) {
        Origin self = Origin.of(7, CALLERS.indexOf(caller) + 1);
        return MessageCodec.encode(
                new SyncRequest(self, Heads.NONE.get(self), Hash128.ZERO, null, new TreeMap<>(), 1 << 20, List.of()));
    }

    private static List<Row> rows() {
        return rows(MATRIX);
    }

    private static List<Row> rows(String matrix) {
        List<Row> rows = new ArrayList<>();
        for (String line : matrix.lines().skip(1).collect(Collectors.toList())) {
            String[] words = line.strip().split(" +");
            List<Integer> statuses =
                    Arrays.stream(words).skip(2).map(Integer::parseInt).collect(Collectors.toList());
            assertThat(statuses).as(line).hasSameSizeAs(CALLERS);
            rows.add(new Row(words[0], words[1], statuses));
        }
        return rows;
    }

    private record Row(String method, String path, List<Integer> statuses) {
        String route() {
            return method + " " + path;
        }

        boolean isOfSpace() {
            return path.contains("{space}");
        }

        int expected(String caller) {
            return statuses.get(CALLERS.indexOf(caller));
        }
    }
}
