// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.RelayClient.Answer;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.session.SyncReply;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, as callers meet it; {@link AuthorisationMatrixTest} has all combinations. */
class AccessTest {
    private static final Set<Right> BOTH = Set.of(Right.READ, Right.WRITE);

    @TempDir
    Path folder;

    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets bob = ChangeSets.of(2);
    private SqliteRelayStore store;
    private Tokens tokens;
    private RelayServer relay;
    private RelayClient client;

    @BeforeEach
    void start() {
        Path data = folder.resolve("relay.db");
        store = SqliteRelayStore.open(new JdbcDriver(), data);
        tokens = new Tokens(store.tokens(), Clock.systemUTC());
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data));
        client = new RelayClient(relay.url());
    }

    @AfterEach
    void stop() {
        relay.close();
        store.close();
    }

    // ---- Without tokens

    @Test
    void aRelayOfItsOwnMachineIsOpenUntilTheFirstTokenIsMade() {
        assertThat(client.sync("shop", null, ann.origin()).status()).isEqualTo(200);

        String token = token(BOTH);

        assertThat(client.sync("shop", null, ann.origin()).status()).isEqualTo(401);
        assertThat(client.sync("shop", token, ann.origin()).status()).isEqualTo(200);
    }

    @Test
    void aRelayWithoutTokensDoesNotListenWhereOthersReachIt() {
        Path data = folder.resolve("wide.db");

        assertThatThrownBy(() -> RelayServer.start(new ServerOptions("0.0.0.0", 0, data)))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("has no tokens")
                .hasMessageContaining("--open");
        try (RelayServer open = RelayServer.start(ServerOptions.builder()
                .host("0.0.0.0")
                .port(0)
                .data(data)
                .open(true)
                .build())) {
            RelayClient anybody = new RelayClient(URI.create("http://127.0.0.1:" + open.port()));
            assertThat(anybody.sync("shop", null, ann.origin()).status()).isEqualTo(200);
            assertThat(anybody.json("GET", "/v1/spaces/shop/tokens", null, null).status())
                    .isEqualTo(401);
        }
    }

    @Test
    void aProxyInFrontOfARelayWithoutTokensIsNotItsOwnMachine() {
        for (String header : List.of(
                "X-Forwarded-For",
                "Forwarded",
                "Via",
                "X-Forwarded-Host",
                "X-Forwarded-Proto",
                "X-Real-IP",
                "CF-Connecting-IP",
                "True-Client-IP",
                "X-Client-IP")) {
            Answer answer = client.send(
                    "POST", "/v1/spaces/shop/sync", null, MessageCodec.MEDIA_TYPE, new byte[0], header, "203.0.113.9");
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.code()).isEqualTo("local-only");
        }
    }

    /** As nginx passes on what it is sent, where nobody has told it more than where to. */
    @Test
    void aProxyThatSaysNothingOfItselfIsKnownByItsOldHttp() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.getOutputStream()
                    .write(("GET /v1/spaces/shop HTTP/1.0\r\nHost: 127.0.0.1:" + relay.port() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains(" 403 ", "local-only");
        }
    }

    @Test
    void aWebPageWhoseNameLeadsHereIsNotItsOwnMachine() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.getOutputStream()
                    .write("POST /v1/spaces/shop/sync HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 403")
                    .contains("local-only");
        }
    }

    // ---- Rights

    @Test
    void aReaderIsGivenChangeSetsAndBringsNone() {
        client.sync("shop", token(Set.of(Right.WRITE)), ann.origin(), ann.write("a1"));
        String reader = token(Set.of(Right.READ));

        Answer refused = client.sync("shop", reader, bob.origin(), bob.write("b1"));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.code()).isEqualTo("read-only");
        SyncReply reply = MessageCodec.decodeReply(
                client.sync("shop", reader, bob.origin()).body());
        assertThat(reply.changeSets()).hasSize(1);
        assertThat(reply.changes()).containsOnlyKeys(ann.origin());
    }

    @Test
    void aWriterWhoMayNotReadIsGivenNoChangeSets() {
        client.sync("shop", token(Set.of(Right.WRITE)), ann.origin(), ann.write("a1"));

        Answer answer = client.sync("shop", token(Set.of(Right.WRITE)), bob.origin(), bob.write("b1"));
        SyncReply reply = MessageCodec.decodeReply(answer.body());
        assertThat(reply.changeSets()).isEmpty();
        assertThat(reply.changes()).containsOnlyKeys(ann.origin(), bob.origin());
    }

    @Test
    void aWriterCannotAlterTheOriginsPastOfAnother() {
        client.sync("shop", token(BOTH), ann.origin(), ann.write("a1"), ann.write("a2"));

        EncodedChangeSet forged = ChangeSets.of(1).write("another past");
        Answer answer = client.sync("shop", token(BOTH), bob.origin(), forged);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("fork");
    }

    // ---- Origins

    @Test
    void anOriginBelongsToTheTokensThatFirstClaimedIt() {
        Tokens.Created anns = tokens.create("shop", BOTH, "ann");
        client.sync("shop", anns.text(), ann.origin(), ann.write("a1"));

        Answer answer = client.sync("shop", token(BOTH), ann.origin());
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("origin-claimed");
        assertThat(answer.json().get("origin").asText()).isEqualTo(ann.origin().toString());

        String renewed = tokens.renew(anns.token().id(), "shop", BOTH, "ann").text();
        assertThat(client.sync("shop", renewed, ann.origin(), ann.write("a2")).status())
                .isEqualTo(200);
    }

    @Test
    void forwardingAnOriginsChangeSetsClaimsNothing() {
        String bobs = token(BOTH);
        assertThat(client.sync("shop", bobs, bob.origin(), ann.write("a1")).status())
                .isEqualTo(200);

        assertThat(client.sync("shop", token(BOTH), ann.origin(), ann.write("a2"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void readingClaimsNothing() {
        String reader = token(Set.of(Right.READ));
        assertThat(client.sync("shop", reader, ann.origin()).status()).isEqualTo(200);

        assertThat(client.sync("shop", token(BOTH), ann.origin()).status()).isEqualTo(200);
        assertThat(client.sync("shop", reader, ann.origin()).status()).isEqualTo(403);
    }

    @Test
    void anOriginIsClaimedInEachSpaceByItself() {
        client.sync("shop", token(BOTH), ann.origin());
        String office = tokens.create("office", BOTH, "").text();

        assertThat(client.sync("office", office, ann.origin()).status()).isEqualTo(200);
    }

    // ---- Tokens over HTTP

    @Test
    void anAdminMakesListsAndRevokesTokensOfItsSpace() {
        String admin = token(Set.of(Right.ADMIN));

        Answer made = client.json(
                "POST", "/v1/spaces/shop/tokens", admin, "{\"rights\":[\"read\",\"write\"],\"name\":\"Ann\"}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("Cache-Control")).isEqualTo("no-store");
        String text = made.json().get("token").asText();
        String id = made.json().get("id").asText();
        assertThat(client.sync("shop", text, ann.origin()).status()).isEqualTo(200);
        Answer list = client.json("GET", "/v1/spaces/shop/tokens", admin, null);
        assertThat(list.json().get("tokens")).hasSize(2);
        assertThat(list.text()).contains("\"name\":\"Ann\"").doesNotContain(text.substring(27));

        assertThat(client.json("DELETE", "/v1/spaces/shop/tokens/" + id, admin, null)
                        .status())
                .isEqualTo(204);
        assertThat(client.sync("shop", text, ann.origin()).status()).isEqualTo(401);
        assertThat(client.json("DELETE", "/v1/spaces/shop/tokens/" + id, admin, null)
                        .code())
                .isEqualTo("no-such-token");
    }

    @Test
    void anAdminCannotTouchTokensOfAnotherSpace() {
        Tokens.Created office = tokens.create("office", BOTH, "");
        String admin = token(Set.of(Right.ADMIN));

        assertThat(client.json(
                                "DELETE",
                                "/v1/spaces/shop/tokens/" + office.token().id(),
                                admin,
                                null)
                        .code())
                .isEqualTo("no-such-token");
        assertThat(client.json(
                                "POST",
                                "/v1/spaces/shop/tokens",
                                admin,
                                "{\"rights\":[\"read\"],\"renew\":\""
                                        + office.token().id() + "\"}")
                        .code())
                .isEqualTo("no-such-token");
        assertThat(tokens.authenticate(office.text())).isNotNull();
    }

    @Test
    void jsonThatIsDoubtfulMakesNoToken() {
        String admin = token(Set.of(Right.ADMIN));
        String deep = "[".repeat(100_000);
        for (String body : new String[] {
            "",
            "{",
            "[]",
            "null",
            "{}",
            "{\"rights\":\"read\"}",
            "{\"rights\":[1]}",
            "{\"rights\":[\"root\"]}",
            "{\"rights\":[]}",
            "{\"rights\":[\"read\"],\"rights\":[\"admin\"]}",
            "{\"rights\":[\"read\"]} x",
            "{\"rights\":[\"read\"],\"name\":7}",
            "{\"rights\":[\"read\"],\"name\":\"a\\nb\"}",
            deep.substring(0, 10_000)
        }) {
            Answer answer = client.json("POST", "/v1/spaces/shop/tokens", admin, body);
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.code()).isEqualTo("malformed");
        }
        assertThat(client.json("POST", "/v1/spaces/shop/tokens", admin, deep).code())
                .isEqualTo("too-large");
        assertThat(client.send(
                                "POST",
                                "/v1/spaces/shop/tokens",
                                admin,
                                "text/plain",
                                deep.substring(0, 9).getBytes(StandardCharsets.US_ASCII))
                        .code())
                .isEqualTo("unsupported-media-type");
        assertThat(tokens.list()).hasSize(1);
    }

    @Test
    void jsonHas16KiBAndIsNested32DeepAndNoMore() {
        String admin = token(Set.of(Right.ADMIN));
        String good = "{\"rights\":[\"read\"]}";
        assertThat(made(admin, good + " ".repeat(16_383 - good.length()))).isEqualTo("201");
        assertThat(made(admin, good + " ".repeat(16_384 - good.length()))).isEqualTo("201");
        assertThat(made(admin, good + " ".repeat(16_385 - good.length()))).isEqualTo("too-large");
        for (int depth = 30; depth <= 32; depth++) {
            String deep = "[".repeat(depth) + "]".repeat(depth);
            assertThat(made(admin, "{\"rights\":[\"read\"],\"more\":" + deep + "}"))
                    .as("%d within an object", depth)
                    .isEqualTo(depth < 32 ? "201" : "malformed");
        }
    }

    @Test
    void theNameOfATokenHas100CharactersAndThatOfASpace200() {
        String admin = token(Set.of(Right.ADMIN));
        for (int length = 99; length <= 101; length++) {
            assertThat(made(admin, "{\"rights\":[\"read\"],\"name\":\"" + "n".repeat(length) + "\"}"))
                    .isEqualTo(length <= 100 ? "201" : "malformed");
        }
        for (int length = 199; length <= 201; length++) {
            String space = "s".repeat(length);
            String text = length > 200
                    ? admin
                    : tokens.create(space, Set.of(Right.values()), "").text();
            assertThat(client.sync(space, text, Origin.of(1, length)).status()).isEqualTo(length <= 200 ? 200 : 403);
        }
    }

    /** Returns the status, or the code of what was wrong. */
    private String made(String admin, String body) {
        Answer answer = client.json("POST", "/v1/spaces/shop/tokens", admin, body);
        return answer.status() == 201 ? "201" : answer.code();
    }

    // ---- Replicas

    @Test
    void aReplicaSyncsWithItsTokenAndIsToldWhenItNeedsOne() {
        String token = token(BOTH);
        try (Replica notes = Replica.create(folder.resolve("notes.db"), "shop")) {
            assertThat(notes.sync(relay.url()))
                    .isInstanceOfSatisfying(
                            SyncOutcome.Failed.class,
                            failed -> assertThat(failed.reason()).contains("--token-file"));
            PeerOptions options = PeerOptions.builder().token(token).build();
            assertThat(notes.sync(relay.url(), options)).isInstanceOf(SyncOutcome.Settled.class);
        }
    }

    @Test
    void whatIsNoTokenIsNotShown() {
        assertThatThrownBy(() -> PeerOptions.builder().token("my secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("my secret");
    }

    private String token(Set<Right> rights) {
        return tokens.create("shop", rights, "").text();
    }
}
