// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.server.RelayClient.Answer;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.http.Limits;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.transport.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each limit of a running relay at one below, at it, and one above. */
class LimitsTest {
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

    // ---- Bodies

    @Test
    void aBodyOfTheLimitIsReadAndOneByteMoreIsNot() throws Exception {
        start(Limits.builder().requestBytes(5_000));

        assertThat(post(4_999).code()).isEqualTo("malformed");
        assertThat(post(5_000).code()).isEqualTo("malformed");
        assertThat(post(5_001).code()).isEqualTo("too-large");
        assertThat(post(5_001).json().get("maxBytes").asInt()).isEqualTo(5_000);
        assertThat(postWithoutLength(5_000)).isEqualTo(400);
        assertThat(postWithoutLength(5_001)).isEqualTo(413);
    }

    // ---- Rates

    @Test
    void aTokenMaySendItsBurstAndIsThenToldWhenToComeBack() {
        start(Limits.builder().burst(3).requestsPerSecond(1));
        String anns = token("shop");
        String bobs = token("shop");

        for (int i = 0; i < 3; i++) {
            assertThat(client.sync("shop", anns, ann.origin()).status()).isEqualTo(200);
        }
        Answer refused = client.sync("shop", anns, ann.origin());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("too-many-requests");
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(client.sync("shop", bobs, bob.origin()).status()).isEqualTo(200);
    }

    @Test
    void anAddressMayBringAsManyWrongTokensAsItMayAndGoodOnesAlways() {
        start(Limits.builder().wrongTokensPerMinute(3));
        String good = token("shop");
        String wrong = good.substring(0, good.length() - 3) + "AAA";
        String revoked = token("shop");
        revoke(revoked);

        assertThat(client.sync("shop", wrong, ann.origin()).status()).isEqualTo(401);
        assertThat(client.sync("shop", revoked, ann.origin()).status()).isEqualTo(401);
        assertThat(client.json("GET", "/v1/spaces/shop/tokens", "no token at all", null)
                        .status())
                .isEqualTo(401);
        Answer refused = client.sync("shop", wrong, ann.origin());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("too-many-wrong-tokens");
        assertThat(refused.header("Retry-After")).isEqualTo("20");
        assertThat(client.sync("shop", good, ann.origin()).status())
                .as("others behind that address")
                .isEqualTo(200);
        assertThat(client.sync("shop", null, ann.origin()).status())
                .as("without a token nothing is guessed")
                .isEqualTo(401);
    }

    @Test
    void wrongTokensOfOneAddressBehindAProxyAreNotThoseOfAnother() {
        start(ServerOptions.builder()
                .trustedProxies(List.of("127.0.0.1"))
                .limits(Limits.builder().wrongTokensPerMinute(1).build()));
        token("shop");

        assertThat(behindProxy(client, "198.51.100.1", "wrong")).isEqualTo(401);
        assertThat(behindProxy(client, "198.51.100.1", "wrong")).isEqualTo(429);
        assertThat(behindProxy(client, "198.51.100.2", "wrong")).isEqualTo(401);
        assertThat(behindProxy(client, "2001:db8::1", "wrong")).isEqualTo(401);
        assertThat(behindProxy(client, "2001:db8::2", "wrong")).isEqualTo(429);
    }

    /** Whoever holds one token could ask for what it is not good for as often as it liked. */
    @Test
    void whatATokenMayNotDoCountsToo() {
        start(Limits.builder().burst(3).requestsPerSecond(1));
        String token = token("shop");

        for (int i = 0; i < 3; i++) {
            assertThat(client.sync("office", token, ann.origin()).code()).isEqualTo("forbidden");
        }
        assertThat(client.sync("office", token, ann.origin()).code()).isEqualTo("too-many-requests");
    }

    /** Otherwise one who sends slowly could take all of the relay's threads, at a byte now and then for each. */
    @Test
    void aTokenMayHaveAsManyRequestsUnderWayAsItMay() throws Exception {
        start(Limits.builder().requestsAtOnce(2).burst(1_000_000).requestsPerSecond(1_000_000));
        String anns = token("shop");
        String bobs = token("shop");
        try (Socket first = half(anns);
                Socket second = half(anns)) {
            Answer refused = client.sync("shop", anns, ann.origin());
            assertThat(refused.code()).isEqualTo("too-many-requests");
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(client.sync("shop", bobs, bob.origin()).status())
                    .as("others go on")
                    .isEqualTo(200);

            second.getOutputStream().write('B');
            assertThat(readUntil("\r\n", second.getInputStream())).contains(" 400 ");
            awaitRoom(anns);
            first.getOutputStream().write('B');
            assertThat(readUntil("\r\n", first.getInputStream())).contains(" 400 ");
        }
    }

    /** Asks until the relay is done with the one that it has answered. */
    private void awaitRoom(String token) {
        Answer answer = client.sync("shop", token, ann.origin());
        for (int i = 0; answer.status() == 429 && i < 10_000; i++) {
            answer = client.sync("shop", token, ann.origin());
        }
        assertThat(answer.status()).isEqualTo(200);
    }

    /** Sends a request but for the last byte of its body, which the relay has begun to read by then. */
    private Socket half(String token) throws IOException {
        Socket socket = new Socket("127.0.0.1", relay.port());
        socket.setSoTimeout(10_000);
        String head = "POST /v1/spaces/shop/sync HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token
                + "\r\nContent-Type: " + MessageCodec.MEDIA_TYPE
                + "\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        assertThat(readUntil("\r\n\r\n", socket.getInputStream())).contains(" 100 ");
        socket.getOutputStream().write('A');
        return socket;
    }

    /** A client writes what it likes; the proxy adds a header of its own behind that. */
    @Test
    void whoSpeaksForAProxyIsBelievedOnlyInWhatTheProxyAdded() {
        start(ServerOptions.builder()
                .host("0.0.0.0")
                .open(true)
                .trustedProxies(List.of("127.0.0.1"))
                .limits(Limits.builder().burst(2).requestsPerSecond(1).build()));
        RelayClient proxy = new RelayClient(URI.create("http://127.0.0.1:" + relay.port()));

        assertThat(throughProxy(proxy, "198.51.100.1")).isEqualTo(200);
        assertThat(throughProxy(proxy, "198.51.100.2")).isEqualTo(200);
        assertThat(throughProxy(proxy, "198.51.100.3")).isEqualTo(429);
    }

    /** Whoever has one IPv6 address has 2^64 of them. */
    @Test
    void addressesOfOneIpv6NetworkCountAsOne() {
        start(ServerOptions.builder()
                .host("0.0.0.0")
                .open(true)
                .trustedProxies(List.of("127.0.0.1"))
                .limits(Limits.builder().burst(2).requestsPerSecond(1).build()));
        RelayClient proxy = new RelayClient(URI.create("http://127.0.0.1:" + relay.port()));

        assertThat(behindProxy(proxy, "2001:db8:0:1::1", null)).isEqualTo(200);
        assertThat(behindProxy(proxy, "2001:db8:0:1::2", null)).isEqualTo(200);
        assertThat(behindProxy(proxy, "2001:db8:0:1:ffff::3", null)).isEqualTo(429);
        assertThat(behindProxy(proxy, "2001:db8:0:2::1", null)).isEqualTo(200);
    }

    private static int behindProxy(RelayClient proxy, String address, @Nullable String token) {
        return proxy.send("GET", "/v1/spaces/shop", token, "text/plain", new byte[0], "X-Forwarded-For", address)
                .status();
    }

    private static int throughProxy(RelayClient proxy, String claimed) {
        return proxy.send(
                        "GET",
                        "/v1/spaces/shop",
                        null,
                        "text/plain",
                        new byte[0],
                        "X-Forwarded-For",
                        claimed,
                        "X-Forwarded-For",
                        "203.0.113.9")
                .status();
    }

    @Test
    void aClientHearsHowLongItShallWait() {
        start(Limits.builder().freeDiskBytes(Long.MAX_VALUE));
        byte[] request = MessageCodec.encode(new SyncRequest(
                ann.origin(), Head.NONE, Hash128.ZERO, null, new TreeMap<>(), 1_000, List.of(ann.write("a1"))));

        try (Transport transport = Transport.http(relay.url())) {
            assertThat(transport.exchange("shop", request))
                    .isInstanceOfSatisfying(Transport.Result.Later.class, later -> {
                        assertThat(later.retryAfter()).isEqualTo(Duration.ofMinutes(5));
                        assertThat(later.reason()).contains("disk");
                    });
        }
    }

    @Test
    void programsOfTheSameMachineAreNotCountedBeforeThereAreTokens() {
        start(Limits.builder().burst(1).requestsPerSecond(1));

        for (int i = 0; i < 5; i++) {
            assertThat(client.sync("shop", null, ann.origin()).status()).isEqualTo(200);
        }
    }

    // ---- Room

    @Test
    void aSpaceHoldsAsManyChangeSetsAsItMay() {
        start(Limits.builder().spaceChangeSets(3));
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet a2 = ann.write("a2");
        assertThat(client.sync("shop", null, ann.origin(), a1, a2).status()).isEqualTo(200);
        EncodedChangeSet a3 = ann.write("a3");
        assertThat(client.sync("shop", null, ann.origin(), a3).status()).isEqualTo(200);

        Answer refused = client.sync("shop", null, ann.origin(), ann.write("a4"));
        assertThat(refused.status()).isEqualTo(507);
        assertThat(refused.code()).isEqualTo("quota-change-sets");
        assertThat(refused.header("Retry-After")).isEqualTo("300");
        assertThat(client.sync("shop", null, ann.origin(), a1, a2, a3).status()).isEqualTo(200);
        assertThat(client.sync("office", null, bob.origin(), bob.write("b1")).status())
                .isEqualTo(200);
    }

    @Test
    void aSpaceHoldsAsManyBytesAsItMay() {
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet a2 = ann.write("a2");
        EncodedChangeSet a3 = ann.write("a3");
        start(Limits.builder().spaceBytes(a1.bytes().length + a2.bytes().length));

        assertThat(client.sync("shop", null, ann.origin(), a1).status()).isEqualTo(200);
        assertThat(client.sync("shop", null, ann.origin(), a2, a3).code()).isEqualTo("quota-bytes");
        assertThat(client.sync("shop", null, ann.origin(), a2).status()).isEqualTo(200);
        assertThat(client.sync("shop", null, ann.origin(), a3).code()).isEqualTo("quota-bytes");
    }

    @Test
    void aSpaceHoldsAsManyOriginsAsItMay() {
        start(Limits.builder().spaceOrigins(2));
        assertThat(client.sync("shop", null, ann.origin(), ann.write("a1")).status())
                .isEqualTo(200);
        assertThat(client.sync("shop", null, bob.origin(), bob.write("b1")).status())
                .isEqualTo(200);

        ChangeSets cat = ChangeSets.of(3);
        assertThat(client.sync("shop", null, cat.origin(), cat.write("c1")).code())
                .isEqualTo("quota-origins");
        assertThat(client.sync("shop", null, ann.origin(), ann.write("a2")).status())
                .isEqualTo(200);
    }

    /** A writer could take up any number of names otherwise, one with each request. */
    @Test
    void asManyOriginsSyncWithTokensAsASpaceMayHold() {
        start(Limits.builder().spaceOrigins(2));
        String token = token("shop");
        assertThat(client.sync("shop", token, ann.origin()).status()).isEqualTo(200);
        assertThat(client.sync("shop", token, bob.origin()).status()).isEqualTo(200);

        Answer refused = client.sync("shop", token, ChangeSets.of(3).origin());
        assertThat(refused.status()).isEqualTo(507);
        assertThat(refused.code()).isEqualTo("quota-origins");
        assertThat(refused.json().get("limit").asInt()).isEqualTo(2);
        assertThat(client.sync("shop", token, ann.origin(), ann.write("a1")).status())
                .isEqualTo(200);
    }

    @Test
    void whereNobodyNeedsATokenThereAreAsManySpacesAsThereMayBe() {
        start(Limits.builder().spaces(2));
        assertThat(client.sync("one", null, ann.origin()).status()).isEqualTo(200);
        assertThat(client.sync("two", null, ann.origin()).status()).isEqualTo(200);

        Answer refused = client.sync("three", null, ann.origin());
        assertThat(refused.status()).isEqualTo(507);
        assertThat(refused.code()).isEqualTo("quota-spaces");
        assertThat(refused.header("Retry-After")).isEqualTo("300");
        assertThat(client.send("GET", "/v1/spaces/three/events?wait=1", null, "text/plain", new byte[0])
                        .code())
                .isEqualTo("quota-spaces");
        assertThat(client.sync("two", null, ann.origin()).status()).isEqualTo(200);

        String token = token("three");
        assertThat(client.sync("three", token, ann.origin()).status())
                .as("who looks after the relay may make more")
                .isEqualTo(200);
    }

    @Test
    void aDiskThatIsNearlyFullTakesNothingAndStillGives() {
        start(Limits.builder());
        client.sync("shop", null, ann.origin(), ann.write("a1"));
        relay.close();
        start(Limits.builder().freeDiskBytes(Long.MAX_VALUE));

        Answer refused = client.sync("shop", null, ann.origin(), ann.write("a2"));
        assertThat(refused.status()).isEqualTo(507);
        assertThat(refused.code()).isEqualTo("disk-low");
        byte[] reply = client.sync("shop", null, bob.origin()).body();
        assertThat(MessageCodec.decodeReply(reply).changeSets()).hasSize(1);
    }

    // ---- Slow clients

    @Test
    void aHeadThatComesTooSlowlyIsEndedWithItsReason() throws Exception {
        start(ServerOptions.builder().headTimeout(Duration.ofSeconds(1)));
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.setSoTimeout(10_000);
            String answer = drip("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", socket);
            assertThat(answer).startsWith("HTTP/1.1 408").contains("\"code\":\"too-slow\"");
        }
    }

    @Test
    void aSecondHeadThatComesTooSlowlyIsEndedToo() throws Exception {
        start(ServerOptions.builder().headTimeout(Duration.ofSeconds(1)));
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(readUntil("live\n", socket.getInputStream())).startsWith("HTTP/1.1 200");
            assertThat(drip("GET /health/live HTTP/1.1\r\nX-Slow: ", socket)).startsWith("HTTP/1.1 408");
        }
    }

    @Test
    void aConnectionThatIsSilentIsEnded() throws Exception {
        start(ServerOptions.builder().idleTimeout(Duration.ofSeconds(1)));
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aBodyThatStopsComingIsEndedWithItsReason() throws Exception {
        start(ServerOptions.builder().idleTimeout(Duration.ofSeconds(1)));
        try (Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.setSoTimeout(10_000);
            String head = "POST /v1/spaces/shop/sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                    + MessageCodec.MEDIA_TYPE + "\r\nContent-Length: 100\r\n\r\nAB";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 408").contains("\"code\":\"too-slow\"");
        }
    }

    @Test
    void aClientThatHangsUpInTheMiddleHarmsNobody() throws Exception {
        start(Limits.builder());
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", relay.port())) {
                String head = "POST /v1/spaces/shop/sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                        + MessageCodec.MEDIA_TYPE + "\r\nContent-Length: 100\r\n\r\nAB";
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            }
        }
        assertThat(client.sync("shop", null, ann.origin()).status()).isEqualTo(200);
    }

    // ---- What cannot be set

    @Test
    void limitsBelowOneAreRefused() {
        start(Limits.builder());
        assertThatThrownBy(() -> Limits.builder().burst(0)).hasMessage("burst < 1: 0");
        assertThatThrownBy(() -> Limits.builder().spaceBytes(0)).hasMessage("spaceBytes < 1: 0");
        assertThatThrownBy(() -> Limits.builder().freeDiskBytes(-1)).hasMessage("freeDiskBytes < 0: -1");
    }

    // ---- Helpers

    private void start(Limits.Builder limits) {
        start(ServerOptions.builder().limits(limits.build()));
    }

    private void start(ServerOptions.Builder options) {
        relay = RelayServer.start(
                options.port(0).data(folder.resolve("relay.db")).build());
        client = new RelayClient(relay.url());
    }

    private void revoke(String token) {
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), folder.resolve("relay.db"))) {
            new Tokens(store.tokens(), Clock.systemUTC()).revoke(token.split("_")[1]);
        }
    }

    private String token(String space) {
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), folder.resolve("relay.db"))) {
            return new Tokens(store.tokens(), Clock.systemUTC())
                    .create(space, Set.of(Right.READ, Right.WRITE), "")
                    .text();
        }
    }

    private Answer post(int bytes) {
        return client.send("POST", "/v1/spaces/shop/sync", null, MessageCodec.MEDIA_TYPE, new byte[bytes]);
    }

    private int postWithoutLength(int bytes) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(relay.url() + "/v1/spaces/shop/sync"))
                .header("Content-Type", MessageCodec.MEDIA_TYPE)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[bytes])))
                .build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.discarding())
                .statusCode();
    }

    /** Sends a beginning, then a byte whenever the last one got no answer, and returns the answer. */
    private static String drip(String beginning, Socket socket) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(beginning.getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        socket.setSoTimeout(200);
        for (int i = 0; i < 50; i++) {
            try {
                int first = in.read();
                socket.setSoTimeout(10_000);
                return (char) first + new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException e) {
                out.write('x');
            }
        }
        return "no answer";
    }

    private static String readUntil(String end, InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith(end)) {
            text.append((char) in.read());
        }
        return text.toString();
    }
}
