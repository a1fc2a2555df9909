// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.http.Limits;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a listener hears, as the bytes of server-sent events. */
@Timeout(60)
class EventsTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String NOTHING = "0".repeat(32);

    @TempDir
    Path folder;

    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets bob = ChangeSets.of(2);
    private final List<Stream> streams = new ArrayList<>();
    private RelayServer relay;
    private RelayClient client;

    @AfterEach
    void stop() throws Exception {
        for (Stream stream : streams) {
            stream.close();
        }
        relay.close();
    }

    @Test
    void aListenerHearsWhatIsHeldAndThenWhatIsTaken() throws Exception {
        start(Limits.builder());
        Stream stream = listen("/v1/spaces/shop/events");
        assertThat(stream.next()).isEqualTo("heads " + NOTHING);

        EncodedChangeSet a1 = ann.write("a1");
        client.sync("shop", null, ann.origin(), a1);

        SyncReply push = stream.nextPush();
        assertThat(push.changeSets()).extracting(EncodedChangeSet::hash).containsExactly(a1.hash());
        assertThat(push.changes()).containsOnly(Map.entry(ann.origin(), ann.head()));
    }

    @Test
    void aListenerIsNotToldOfWhatItBroughtNorOfWhatWasKnown() throws Exception {
        start(Limits.builder());
        Stream anns = listen("/v1/spaces/shop/events?self=" + ann.origin());
        assertThat(anns.next()).startsWith("heads ");
        EncodedChangeSet a1 = ann.write("a1");
        client.sync("shop", null, ann.origin(), a1);
        client.sync("shop", null, bob.origin(), a1);

        client.sync("shop", null, bob.origin(), bob.write("b1"));
        assertThat(anns.nextPush().changes()).containsOnlyKeys(bob.origin());
    }

    @Test
    void aListenerHearsNothingOfOtherSpaces() throws Exception {
        start(Limits.builder());
        Stream stream = listen("/v1/spaces/shop/events");
        stream.next();
        client.sync("office", null, ann.origin(), ann.write("a1"));

        client.sync("shop", null, bob.origin(), bob.write("b1"));
        assertThat(stream.nextPush().changes()).containsOnlyKeys(bob.origin());
    }

    @Test
    void aLargeChangeSetIsAnnouncedAndNotPushed() throws Exception {
        start(Limits.builder());
        Stream stream = listen("/v1/spaces/shop/events");
        stream.next();
        StringBuilder large = new StringBuilder();
        new Random(7).ints(100_000, '0', 'z').forEach(c -> large.append((char) c));
        client.sync("shop", null, ann.origin(), ann.write(large.toString()));

        assertThat(stream.next()).startsWith("heads ").isNotEqualTo("heads " + NOTHING);
    }

    @Test
    void aLongPollIsAnsweredAsSoonAsThereIsNews() throws Exception {
        start(Limits.builder());
        CompletableFuture<HttpResponse<String>> poll = HTTP.sendAsync(
                HttpRequest.newBuilder(URI.create(relay.url() + "/v1/spaces/shop/events?wait=25&sum=" + NOTHING))
                        .build(),
                BodyHandlers.ofString());
        awaitListeners(1);
        client.sync("shop", null, ann.origin(), ann.write("a1"));

        assertThat(poll.get().body()).startsWith("event: heads\ndata: ").doesNotContain(NOTHING);
        awaitListeners(0);
    }

    @Test
    void aLongPollWithoutNewsEndsEmptyAndOneWithOldNewsAtOnce() throws Exception {
        start(Limits.builder());
        assertThat(client.json("GET", "/v1/spaces/shop/events?wait=1&sum=" + NOTHING, null, null)
                        .text())
                .isEmpty();
        assertThat(client.json("GET", "/v1/spaces/shop/events?wait=25&sum=abc", null, null)
                        .text())
                .isEqualTo("event: heads\ndata: " + NOTHING + "\n\n");
        for (String query : List.of("wait=0", "wait=26", "wait=x", "wait=-1", "self=xyz")) {
            assertThat(client.json("GET", "/v1/spaces/shop/events?" + query, null, null)
                            .code())
                    .isEqualTo("malformed");
        }
    }

    @Test
    void asManyListenAsMay() throws Exception {
        start(Limits.builder().listenersPerToken(2).listeners(3));
        String anns = token();
        String bobs = token();
        listen("/v1/spaces/shop/events", anns).next();
        listen("/v1/spaces/shop/events", anns).next();
        RelayClient.Answer refused = client.json("GET", "/v1/spaces/shop/events", anns, null);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.code()).isEqualTo("too-many-listeners");
        assertThat(refused.header("Retry-After")).isEqualTo("5");

        Stream third = listen("/v1/spaces/shop/events", bobs);
        third.next();
        assertThat(client.json("GET", "/v1/spaces/shop/events", bobs, null).code())
                .isEqualTo("too-many-listeners");
        third.close();
        HttpResponse<InputStream> answer = ask("/v1/spaces/shop/events", bobs);
        while (answer.statusCode() == 429) {
            answer = ask("/v1/spaces/shop/events", bobs); // Each refusal makes the relay look who is still there.
        }
        assertThat(stream(answer).next()).startsWith("heads ");
    }

    @Test
    void aListenerThatNeverReadsHarmsNobody() throws Exception {
        start(Limits.builder());
        try (Socket deaf = new Socket()) {
            deaf.setReceiveBufferSize(4_096);
            deaf.connect(new InetSocketAddress("127.0.0.1", relay.port()));
            deaf.getOutputStream()
                    .write("GET /v1/spaces/shop/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            awaitListeners(1);
            StringBuilder body = new StringBuilder();
            new Random(7).ints(45_000, '0', 'z').forEach(c -> body.append((char) c));
            for (int i = 0; i < 100; i++) {
                assertThat(client.bring("shop", null, ann.origin(), ann.write(body.toString() + i))
                                .status())
                        .isEqualTo(200);
            }
            long began = System.nanoTime();
            relay.close();
            assertThat(System.nanoTime() - began)
                    .as("the end, which waits ten seconds for an answer under way")
                    .isLessThan(8_000_000_000L);
        }
    }

    @Test
    void listenersAreLetGoWhenTheRelayStops() throws Exception {
        start(Limits.builder());
        Stream stream = listen("/v1/spaces/shop/events");
        stream.next();
        long began = System.nanoTime();

        relay.close();

        assertThat(stream.next()).isNull();
        // So long it would wait for a request under way.
        assertThat(System.nanoTime() - began).isLessThan(10_000_000_000L);
    }

    // ---- Helpers

    private void start(Limits.Builder limits) {
        relay = RelayServer.start(ServerOptions.builder()
                .port(0)
                .data(folder.resolve("relay.db"))
                .limits(limits.build())
                .build());
        client = new RelayClient(relay.url());
    }

    private String token() {
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), folder.resolve("relay.db"))) {
            return new Tokens(store.tokens(), Clock.systemUTC())
                    .create("shop", Set.of(Right.READ), "")
                    .text();
        }
    }

    private int countListeners() {
        String metrics = client.json("GET", "/metrics", null, null).text();
        String line = metrics.lines()
                .filter(text -> text.startsWith("anabranch_listeners "))
                .findFirst()
                .orElseThrow();
        return (int) Double.parseDouble(line.split(" ")[1]);
    }

    /** Asks again and again: each answer takes a while of its own. */
    private void awaitListeners(int count) {
        while (countListeners() != count) {
            Thread.onSpinWait();
        }
    }

    private Stream listen(String path, String... token) throws IOException, InterruptedException {
        return stream(ask(path, token));
    }

    private HttpResponse<InputStream> ask(String path, String... token) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(relay.url() + path));
        if (token.length > 0) {
            request.header("Authorization", "Bearer " + token[0]);
        }
        return HTTP.send(request.build(), BodyHandlers.ofInputStream());
    }

    private Stream stream(HttpResponse<InputStream> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        Stream stream =
                new Stream(new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.US_ASCII)));
        streams.add(stream);
        return stream;
    }

    /** Events as "name data", heartbeats left out. */
    private record Stream(BufferedReader lines) {
        String next() throws IOException {
            String name = "";
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("event: ")) {
                        name = line.substring(7);
                    } else if (line.startsWith("data: ")) {
                        return name + " " + line.substring(6);
                    }
                }
            } catch (IOException e) {
                return null; // Ended from the other side.
            }
            return null;
        }

        /** The relay may have noticed that its store moved before it tells what moved it: hints are passed over. */
        SyncReply nextPush() throws IOException {
            String event = next();
            while (event != null && event.startsWith("heads ")) {
                event = next();
            }
            assertThat(event).startsWith("push ");
            return MessageCodec.decodeReply(Base64.getDecoder().decode(event.substring(5)));
        }

        void close() throws IOException {
            lines.close();
        }
    }
}
