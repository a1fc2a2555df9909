// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.space.Space;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.transport.Transport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay as its clients meet it, with all that clients may send. One relay for all tests, one space for each. */
class RelayServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    static Path folder;

    private static RelayServer relay;
    private static int spaces;

    private final ChangeSets ann = ChangeSets.of(1);
    private final String space = "shop " + ++spaces;
    private Transport transport;

    @BeforeAll
    static void startRelay() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
    }

    @AfterAll
    static void stopRelay() {
        relay.close();
    }

    @BeforeEach
    void openTransport() {
        transport = Transport.http(relay.url());
    }

    @AfterEach
    void theNextGoodRequestWorks() {
        ChangeSets bob = ChangeSets.of(99);
        SyncReply reply = sync(bob.write("after all that"));
        assertThat(reply.knownOfYou()).isEqualTo(bob.head());
        transport.close();
    }

    // ---- Good input

    @Test
    void takesWhatIsNewAndAnswersWithWhatIsLacking() {
        EncodedChangeSet a1 = ann.write("a1");
        assertThat(sync(a1).changeSets()).extracting(EncodedChangeSet::hash).containsExactly(a1.hash());

        SyncReply reply = sync();
        assertThat(reply.changeSets()).extracting(EncodedChangeSet::hash).containsExactly(a1.hash());
        assertThat(reply.changes()).containsEntry(ann.origin(), ann.head());
        assertThat(reply.more()).isFalse();
    }

    @Test
    void aSpaceMayHaveAnyPrintableName() {
        for (String name : List.of("a/b", "Lager Süd", "100%", "a?b#c", "x;y", "日本", "a\\b", "a//b", "...")) {
            Transport.Result result = transport.exchange(name, MessageCodec.encode(request(ann.origin())));
            assertThat(result).as(name).isInstanceOf(Transport.Result.Answered.class);
        }
    }

    @Test
    void tellsThatItLives() throws Exception {
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(relay.url().resolve("/health/live")).build(), BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(200);
    }

    // ---- What the session understands

    @Test
    void aGapIsRefused() {
        ann.write("a1");
        EncodedChangeSet a2 = ann.write("a2");

        assertThat(exchange(a2)).isEqualTo(new Transport.Result.Refused(new Admission.Gap(ann.origin(), 1, 2)));
        assertNothingStored();
    }

    @Test
    void aSeqUsedTwiceIsRefused() {
        EncodedChangeSet a1 = ann.write("a1");
        sync(a1);

        EncodedChangeSet other = ChangeSets.of(1).write("another a1");
        assertThat(exchange(other)).isEqualTo(new Transport.Result.Refused(new Admission.Fork(ann.origin(), 1)));
        assertThat(sync().changeSets()).extracting(EncodedChangeSet::hash).containsExactly(a1.hash());
    }

    @Test
    void aChangeSetWhoseWriterHadSeenMoreIsRefused() {
        EncodedChangeSet b1 = ChangeSets.of(2).write("b1");

        assertThat(exchange(ann.write("a1", b1)))
                .isEqualTo(new Transport.Result.Refused(new Admission.MissingContext(Origin.of(0, 2), 1, 0)));
        assertNothingStored();
    }

    @Test
    void aRefusalTellsPeopleWhatToDo() throws Exception {
        ann.write("a1");
        HttpResponse<byte[]> response = post(MessageCodec.encode(request(ann.origin(), ann.write("a2"))));

        assertThat(response.statusCode()).isEqualTo(409);
        JsonNode problem = JSON.readTree(response.body());
        assertThat(problem.get("code").asText()).isEqualTo("gap");
        assertThat(problem.get("origin").asText()).isEqualTo(ann.origin().toString());
        assertThat(problem.get("expectedSeq").asLong()).isEqualTo(1);
        assertThat(problem.get("foundSeq").asLong()).isEqualTo(2);
        assertThat(problem.get("detail").asText()).contains("nothing of the request was taken", "send from there");
    }

    // ---- Bad input

    @Test
    void aBodyThatIsCutShortIsMalformed() throws Exception {
        byte[] good = MessageCodec.encode(request(ann.origin(), ann.write("a1")));

        for (int length = 0; length < good.length; length++) {
            assertProblem(post(Arrays.copyOf(good, length)), 400, "malformed");
        }
        assertNothingStored();
    }

    @Test
    void garbageIsMalformed() throws Exception {
        byte[] good = MessageCodec.encode(request(ann.origin(), ann.write("a1")));
        Random random = new Random(42);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = good.clone();
            int at = random.nextInt(4);
            garbage[at < 2 ? at : at + 1] ^= (byte) (1 + random.nextInt(255)); // Not the protocol: that is understood.
            assertProblem(post(garbage), 400, "malformed");
            random.nextBytes(garbage);
            assertProblem(post(garbage), 400, "malformed");
        }
        assertNothingStored();
    }

    @Test
    void aFlippedBitAnywhereIsNeverTheRelaysFault() throws Exception {
        byte[] good = MessageCodec.encode(request(ann.origin(), ann.write("a1"), ann.write("a2")));
        for (int i = 0; i < good.length; i++) {
            byte[] flipped = good.clone();
            flipped[i] ^= 0x10;
            assertThat(post(flipped).statusCode()).as("byte %d", i).isIn(200, 400, 426);
        }
    }

    @Test
    void aBodyThatInflatesTooFarIsMalformed() throws Exception {
        byte[] bomb = new ByteWriter()
                .u8('A')
                .u8('B')
                .u8(1)
                .u8(1)
                .fixed64(0)
                .u8(1)
                .varint(1L << 30)
                .toByteArray();

        assertProblem(post(bomb), 400, "malformed");
    }

    @Test
    void aBodyThatSaysItIsTooLargeIsNotRead() throws Exception {
        try (Socket socket = new Socket(relay.url().getHost(), relay.port())) {
            String head = "POST /v1/spaces/" + space.replace(" ", "%20")
                    + "/sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + MessageCodec.MEDIA_TYPE
                    + "\r\nContent-Length: " + (MessageCodec.MAX_INFLATED_BYTES + 1L) + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(10_000);
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 413").contains("\"code\":\"too-large\"");
        }
    }

    @Test
    void aBodyThatTurnsOutTooLargeIsNotKept() throws Exception {
        byte[] large = new byte[MessageCodec.MAX_INFLATED_BYTES + 1];
        BodyPublisher unannounced = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large));

        assertProblem(post(unannounced, MessageCodec.MEDIA_TYPE), 413, "too-large");
    }

    @Test
    void aClientThatIsStillSendingGetsItsAnswer() throws Exception {
        int rest = 8 << 20;
        try (Socket socket = new Socket(relay.url().getHost(), relay.port())) {
            socket.setSoTimeout(20_000);
            String head = "POST /v1/spaces/" + space.replace(" ", "%20")
                    + "/sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: " + rest
                    + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            String status = "HTTP/1.1 415";
            assertThat(new String(socket.getInputStream().readNBytes(status.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(status);

            socket.getOutputStream().write(new byte[rest]); // Would fail had the relay hung up.
            assertThat(read(socket, "\"code\":\"unsupported-media-type\"")).isTrue();
        }
    }

    private static boolean read(Socket socket, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int b = socket.getInputStream().read();
                b >= 0;
                b = socket.getInputStream().read()) {
            text.append((char) b);
            if (text.indexOf(end) >= 0) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aBodyOfAnotherTypeIsNotRead() throws Exception {
        byte[] good = MessageCodec.encode(request(ann.origin()));

        assertProblem(post(BodyPublishers.ofByteArray(good), "application/json"), 415, "unsupported-media-type");
        assertThat(post(BodyPublishers.ofByteArray(good), MessageCodec.MEDIA_TYPE + "; v=1")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aReplyIsNotARequest() throws Exception {
        assertProblem(post(MessageCodec.encode(sync())), 400, "malformed");
    }

    @Test
    void anAddressThatIsNoneIsNamed() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(relay.url().resolve("/index.html")).build();
        assertProblem(HTTP.send(request, BodyHandlers.ofByteArray()), 404, "not-found");
    }

    @Test
    void aMethodThatIsNoneIsNamed() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(relay.url().resolve("/v1/spaces/x/sync")).build();
        assertProblem(HTTP.send(request, BodyHandlers.ofByteArray()), 405, "method-not-allowed");
    }

    @Test
    void aSpaceThatCannotBeIsNamed() throws Exception {
        for (String name : List.of("a%0Ab", "x".repeat(201))) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(relay.url() + "/v1/spaces/" + name + "/sync"))
                    .header("Content-Type", MessageCodec.MEDIA_TYPE)
                    .POST(BodyPublishers.noBody())
                    .build();
            assertProblem(HTTP.send(request, BodyHandlers.ofByteArray()), 400, "bad-space");
        }
    }

    // ---- Starting

    @Test
    void aPortThatIsTakenIsNamedAndTheFileLetGo() throws IOException {
        Path data = folder.resolve("second.db");
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> RelayServer.start(new ServerOptions("127.0.0.1", port, data)))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
        }
        RelayServer.start(new ServerOptions("127.0.0.1", 0, data)).close();
    }

    @Test
    void requestsRunOnVirtualThreadsWhereTheJdkHasThem() throws Exception {
        Path data = folder.resolve("threads.db");
        SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data);
        BlockingQueue<Thread> answering = new LinkedBlockingQueue<>();
        Spaces spaces = new Spaces() {
            private final RelaySpaces relays = new RelaySpaces(store, Retention.DEFAULT);

            @Override
            public Origin relay() {
                return relays.relay();
            }

            @Override
            public Space space(String name) {
                answering.add(Thread.currentThread());
                return relays.space(name);
            }
        };
        ServerOptions options = new ServerOptions("127.0.0.1", 0, data);
        try (RelayServer server = RelayServer.start(options, store, spaces, Background.NONE, data, Clock.systemUTC())) {
            new RelayClient(server.url()).sync("shop", null, ann.origin());
        }

        boolean has = Runtime.version().feature() >= 21;
        Object isVirtual = has ? Thread.class.getMethod("isVirtual").invoke(answering.element()) : false;
        assertThat(isVirtual).isEqualTo(has);
    }

    // ---- Helpers

    private Transport.Result exchange(EncodedChangeSet... changeSets) {
        return transport.exchange(space, MessageCodec.encode(request(ann.origin(), changeSets)));
    }

    private SyncReply sync(EncodedChangeSet... changeSets) {
        Origin sender =
                changeSets.length == 0 ? ann.origin() : changeSets[0].header().origin();
        Transport.Result result = transport.exchange(space, MessageCodec.encode(request(sender, changeSets)));
        assertThat(result).isInstanceOf(Transport.Result.Answered.class);
        return MessageCodec.decodeReply(((Transport.Result.Answered) result).reply());
    }

    /** Returns a request of a sender who claims to hold nothing. */
    private static SyncRequest request(Origin sender, EncodedChangeSet... changeSets) {
        return new SyncRequest(
                sender, Heads.NONE.get(sender), Hash128.ZERO, null, new TreeMap<>(), 1 << 20, List.of(changeSets));
    }

    private HttpResponse<byte[]> post(byte[] body) throws IOException, InterruptedException {
        return post(BodyPublishers.ofByteArray(body), MessageCodec.MEDIA_TYPE);
    }

    private HttpResponse<byte[]> post(BodyPublisher body, String contentType) throws IOException, InterruptedException {
        String path = "/v1/spaces/" + space.replace(" ", "%20") + "/sync";
        HttpRequest request = HttpRequest.newBuilder(relay.url().resolve(path))
                .header("Content-Type", contentType)
                .POST(body)
                .build();
        return HTTP.send(request, BodyHandlers.ofByteArray());
    }

    private static void assertProblem(HttpResponse<byte[]> response, int status, String code) throws IOException {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = JSON.readTree(response.body());
        assertThat(problem.get("code").asText()).isEqualTo(code);
        assertThat(problem.get("type").asText()).isEqualTo("urn:anabranch:problem:" + code);
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("title").asText()).isNotEmpty();
        assertThat(problem.get("detail").asText()).isNotEmpty();
    }

    private void assertNothingStored() {
        assertThat(sync().changes()).isEmpty();
    }
}
