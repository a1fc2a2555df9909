// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.server.RelayClient.Answer;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What strangers and broken clients may send, one by one: each gets a 4xx with a code, and after each the next good request of
 * somebody else works.
 */
@Timeout(120)
class BadInputTest {
    private static final String LINE = "\r\n";
    private static final String POST = "POST /v1/spaces/shop/sync HTTP/1.1" + LINE + "Host: localhost" + LINE;
    private static final String GET = "GET /health/live HTTP/1.1" + LINE;
    private static final String SYNC = "Content-Type: " + MessageCodec.MEDIA_TYPE + LINE;

    @TempDir
    static Path folder;

    private static RelayServer relay;
    private static RelayClient client;
    private static String admin;
    private static String writer;

    private final ChangeSets ann = ChangeSets.of(1);

    @BeforeAll
    static void start() {
        Path data = folder.resolve("relay.db");
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            Tokens tokens = new Tokens(store.tokens(), Clock.systemUTC());
            admin = tokens.create("shop", Set.of(Right.values()), "").text();
            writer =
                    tokens.create("office", Set.of(Right.READ, Right.WRITE), "").text();
        }
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data));
        client = new RelayClient(relay.url());
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    @AfterEach
    void othersAreUnharmed() {
        assertThat(client.sync("office", writer, Origin.of(5, 5)).status()).isEqualTo(200);
    }

    // ---- What is no HTTP, or nearly

    static List<String> tricks() {
        return List.of(
                "GARBAGE" + LINE + LINE,
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003" + LINE + LINE,
                "GET /health/live" + LINE + LINE,
                "GET /health/live HTTP/9.9" + LINE + "Host: localhost" + LINE + LINE,
                "PRI * HTTP/2.0" + LINE + LINE + "SM" + LINE + LINE,
                GET + LINE,
                GET + "Host: localhost" + LINE + "Host: evil.example" + LINE + LINE,
                GET + "Host: local host" + LINE + LINE,
                GET + "Host: localhost" + LINE + "X: a\u0000b" + LINE + LINE,
                GET + "Host: localhost" + LINE + "Bad Name: x" + LINE + LINE,
                GET + "Host: localhost" + LINE + ": nameless" + LINE + LINE,
                GET + "Host: localhost" + LINE + "X: " + "x".repeat(100_000) + LINE + LINE,
                "GET /" + "x".repeat(100_000) + " HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET /%zz HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET /v1/spaces/%FF%FE/changes HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET /v1/spaces/%00/changes HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET /../../etc/passwd HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET /v1/spaces/../../../etc/passwd HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET /v1/spaces/%2e%2e/changes HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET /pages/..%2fopenapi.json HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET //evil.example/ HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "GET http://evil.example/v1/dashboard HTTP/1.1" + LINE + "Host: evil.example" + LINE + LINE,
                "TRACE / HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE,
                "CONNECT evil.example:443 HTTP/1.1" + LINE + "Host: evil.example:443" + LINE + LINE,
                POST + "Content-Length: -1" + LINE + LINE,
                POST + "Content-Length: 1, 2" + LINE + LINE + "ab",
                POST + "Content-Length: 1" + LINE + "Content-Length: 2" + LINE + LINE + "ab",
                POST + "Content-Length: 99999999999999999999" + LINE + LINE,
                POST + "Content-Length: 2" + LINE + "Transfer-Encoding: chunked" + LINE + LINE + "0" + LINE + LINE,
                POST + "Transfer-Encoding: gzip" + LINE + LINE,
                POST + "Authorization: Bearer anabranch_\u00ff\u00fe" + LINE + "Content-Length: 0" + LINE + LINE);
    }

    @ParameterizedTest
    @MethodSource("tricks")
    void aTrickIsAnsweredWithAnErrorOfItsOwn(String trick) throws IOException {
        String answer = exchange(trick.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(answer).as(trick.lines().findFirst().orElse("")).matches("(?s)HTTP/1\\.1 4[0-9][0-9].*");
        assertThat(answer).contains("\"code\":\"").doesNotContain("evil", "at io.", "jetty", "Jetty");
    }

    /** What a proxy in front may read as one request, this relay must not read as two. */
    static List<String> smuggled() {
        String hidden = "GET /health/live HTTP/1.1" + LINE + "Host: localhost" + LINE + LINE;
        String post = POST + auth() + SYNC;
        return List.of(
                post + "Content-Length: 5" + LINE + "Transfer-Encoding: chunked" + LINE + LINE + "0" + LINE + LINE
                        + hidden,
                post + "Transfer-Encoding: chunked" + LINE + "Content-Length: 5" + LINE + LINE + "0" + LINE + LINE
                        + hidden,
                post + "Content-Length: 0" + LINE + "Content-Length: " + hidden.length() + LINE + LINE + hidden,
                post + "Transfer-Encoding : chunked" + LINE + LINE + "0" + LINE + LINE + hidden,
                post + "Transfer-Encoding: xchunked" + LINE + LINE + "0" + LINE + LINE + hidden,
                post + "Transfer-Encoding: chunked, identity" + LINE + LINE + "0" + LINE + LINE + hidden,
                post + "Transfer-Encoding: identity" + LINE + "Transfer-Encoding: chunked" + LINE + LINE + "0" + LINE
                        + LINE + hidden,
                post + "X: y" + LINE + " Content-Length: 0" + LINE + LINE + hidden,
                post + "Content-Length: +0" + LINE + LINE + hidden,
                post + "Content-Length: 0x0" + LINE + LINE + hidden,
                post + "Transfer-Encoding: chunked" + LINE + LINE + "0\nX" + LINE + LINE + hidden);
    }

    @ParameterizedTest
    @MethodSource("smuggled")
    void aRequestHiddenInADoubtfulOneIsNotAnswered(String doubtful) throws IOException {
        String answer = exchange(doubtful.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(answer).matches("(?s)HTTP/1\\.1 4[0-9][0-9].*").doesNotContain("live\n");
        assertThat(answer.split("HTTP/1\\.1 ", -1)).as("one answer").hasSize(2);
    }

    @Test
    void aChunkThatIsLargerThanNumbersAreIsRefused() throws IOException {
        String head = POST + auth() + SYNC + "Transfer-Encoding: chunked" + LINE + LINE;
        assertThat(exchange((head + "FFFFFFFFFFFFFFFFF" + LINE + "ab").getBytes(StandardCharsets.ISO_8859_1)))
                .matches("(?s)HTTP/1\\.1 4[0-9][0-9].*");
        assertThat(exchange((head + "zz" + LINE + "ab").getBytes(StandardCharsets.ISO_8859_1)))
                .matches("(?s)HTTP/1\\.1 4[0-9][0-9].*");
    }

    // ---- Bodies

    @Test
    void aConnectionThatIsHalfClosedBeforeTheEndIsIncomplete() throws IOException {
        String head = POST + auth() + SYNC + "Content-Length: 100" + LINE + LINE + "AB";
        assertThat(exchange(head.getBytes(StandardCharsets.ISO_8859_1)))
                .startsWith("HTTP/1.1 400")
                .contains("\"code\":\"incomplete\"");
    }

    @Test
    void aConnectionThatIsHalfClosedAfterItsRequestIsAnswered() throws IOException {
        assertThat(exchange((GET + "Host: localhost" + LINE + LINE).getBytes(StandardCharsets.ISO_8859_1)))
                .startsWith("HTTP/1.1 200")
                .endsWith("live\n");
    }

    @Test
    void aGigabyteIsRefusedAsSoonAsItIsTooMuch() throws IOException {
        String announced = POST + auth() + SYNC + "Content-Length: 1073741824" + LINE + LINE;
        assertThat(exchange(announced.getBytes(StandardCharsets.ISO_8859_1))).contains("\"code\":\"too-large\"");

        byte[] chunk = ("10000" + LINE + "x".repeat(0x10000) + LINE).getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.setSoTimeout(60_000);
            OutputStream out = socket.getOutputStream();
            out.write((POST + auth() + SYNC + "Transfer-Encoding: chunked" + LINE + LINE)
                    .getBytes(StandardCharsets.US_ASCII));
            int sent = 0;
            try {
                while (sent < 1 << 30 && socket.getInputStream().available() == 0) {
                    out.write(chunk);
                    sent += chunk.length;
                }
            } catch (IOException e) {
                assertThat(e).hasMessageMatching("(?i).*(broken pipe|reset|abort).*");
            }
            assertThat(sent).as("it hangs up long before a gigabyte").isLessThan(256 << 20);
        }
    }

    @Test
    void aBombIsNotInflated() {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(new byte[MessageCodec.MAX_INFLATED_BYTES]);
        deflater.finish();
        byte[] packed = new byte[1 << 16];
        int length = deflater.deflate(packed);
        deflater.end();
        ByteWriter bomb = new ByteWriter(length + 32)
                .u8('A')
                .u8('B')
                .u8(1)
                .u8(1)
                .fixed64(0)
                .u8(1)
                .varint(MessageCodec.MAX_INFLATED_BYTES)
                .raw(Arrays.copyOf(packed, length));
        Answer answer = client.send("POST", "/v1/spaces/shop/sync", admin, MessageCodec.MEDIA_TYPE, bomb.toByteArray());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("malformed");
    }

    @Test
    void whatHttpWouldInflateIsTakenAsItCame() {
        Answer answer = client.send(
                "POST",
                "/v1/spaces/shop/sync",
                admin,
                MessageCodec.MEDIA_TYPE,
                new byte[] {0x1f, (byte) 0x8b, 8, 0},
                "Content-Encoding",
                "gzip");
        assertThat(answer.code()).isEqualTo("malformed");
    }

    @Test
    void jsonNestedDeeplyIsRefused() {
        assertThat(token("[".repeat(100_000)).code()).isEqualTo("too-large");
        assertThat(token("[".repeat(16_000)).code()).isEqualTo("malformed");
        assertThat(token("{\"rights\":" + "[".repeat(8_000) + "]".repeat(8_000) + "}")
                        .code())
                .isEqualTo("malformed");
        assertThat(token("{\"a\":".repeat(2_000) + "1" + "}".repeat(2_000)).code())
                .isEqualTo("malformed");
    }

    @Test
    void jsonThatIsNoUtf8OrSaysANameTwiceIsRefused() {
        byte[] invalid = "{\"rights\":[\"read\"],\"name\":\"\u00ff\u00fe\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(client.send("POST", "/v1/spaces/shop/tokens", admin, "application/json", invalid)
                        .code())
                .isEqualTo("malformed");
        assertThat(token("{\"rights\":[\"read\"],\"rights\":[\"admin\"]}").code())
                .isEqualTo("malformed");
        assertThat(token("{\"rights\":[\"read\"]} {}").code()).isEqualTo("malformed");
        assertThat(token("").code()).isEqualTo("malformed");
        assertThat(client.send(
                                "POST",
                                "/v1/spaces/shop/tokens",
                                admin,
                                "text/plain",
                                "{}".getBytes(StandardCharsets.UTF_8))
                        .code())
                .isEqualTo("unsupported-media-type");
    }

    // ---- Change sets that do not fit

    @Test
    void aReplayChangesNothing() {
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet a2 = ann.write("a2");
        for (int i = 0; i < 20; i++) {
            assertThat(client.sync("office", writer, ann.origin(), a1, a2).status())
                    .isEqualTo(200);
        }
        assertThat(MessageCodec.decodeReply(
                                client.sync("office", writer, Origin.of(5, 5)).body())
                        .changeSets())
                .hasSize(2);
    }

    @Test
    void changeSetsInAnotherOrderAreRefusedWhole() {
        ChangeSets eve = ChangeSets.of(31);
        EncodedChangeSet e1 = eve.write("e1");
        EncodedChangeSet e2 = eve.write("e2");
        Answer answer = client.sync("shop", admin, eve.origin(), e2, e1);
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("gap");
        assertThat(answer.json().get("expectedSeq").asLong()).isEqualTo(1);
    }

    @Test
    void aChangeSetOfAnotherWithoutWhatItsWriterHadSeenIsRefused() {
        ChangeSets eve = ChangeSets.of(32);
        EncodedChangeSet unseen = ChangeSets.of(33).write("unseen");
        Answer answer = client.sync("shop", admin, Origin.of(0, 34), eve.write("e1", unseen));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isEqualTo("missing-context");
    }

    @Test
    void aChangeSetThatFollowsAnotherHistoryIsAFork() {
        ChangeSets eve = ChangeSets.of(35);
        assertThat(client.sync("shop", admin, eve.origin(), eve.write("e1")).status())
                .isEqualTo(200);
        ChangeSets twin = ChangeSets.of(35);
        twin.write("another e1");
        Answer answer = client.sync("shop", admin, Origin.of(0, 36), twin.write("e2"));
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.code()).isIn("fork", "gap");
    }

    @Test
    void aSeqFromTheFarFutureIsAGap() {
        Origin eve = Origin.of(0, 37);
        for (long seq : new long[] {2, 1L << 40, Long.MAX_VALUE}) {
            ByteWriter bytes = new ByteWriter(64).u8(1).u8(0).origin(eve).varint(seq);
            Hash128.ZERO.write(bytes);
            EncodedChangeSet future = EncodedChangeSet.of(
                    bytes.varint(5).varint(0).varint(0).varint(0).toByteArray());
            Answer answer = client.sync("shop", admin, eve, future);
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.json().get("foundSeq").asLong()).isEqualTo(seq);
        }
    }

    @Test
    void aSumThatDoesNotFitTheHeadsIsAskedForAgain() {
        Origin eve = Origin.of(0, 38);
        byte[] lies = MessageCodec.encode(new SyncRequest(
                eve,
                Heads.NONE.get(eve),
                Hash128.of(new byte[] {1}, new byte[0]),
                null,
                new TreeMap<>(),
                1,
                List.of()));
        Answer answer = client.send("POST", "/v1/spaces/shop/sync", admin, MessageCodec.MEDIA_TYPE, lies);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(MessageCodec.decodeReply(answer.body()).baseUnknown()).isTrue();
    }

    @Test
    void aTokenOfAnotherSpaceIsForbiddenWhateverItBrings() {
        assertThat(client.sync("shop", writer, ann.origin(), ann.write("a1")).code())
                .isEqualTo("forbidden");
        assertThat(client.json("GET", "/v1/spaces/shop/changes", writer, null).code())
                .isEqualTo("forbidden");
    }

    // ---- Helpers

    private Answer token(String json) {
        return client.json("POST", "/v1/spaces/shop/tokens", admin, json.isEmpty() ? " " : json);
    }

    private static String auth() {
        return "Authorization: Bearer " + admin + LINE;
    }

    /** Sends bytes, closes that side, and returns all that comes back. */
    private static String exchange(byte[] bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.setSoTimeout(60_000);
            try {
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
            } catch (IOException e) {
                // It has answered already and hung up; what it said is still there.
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
