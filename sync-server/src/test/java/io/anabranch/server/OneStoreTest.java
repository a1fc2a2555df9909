// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two relays over one store are one relay: any of them may answer any request, as behind a balancer. */
@Timeout(60)
class OneStoreTest {
    @TempDir
    Path folder;

    private final ChangeSets ann = ChangeSets.of(1);
    private RelayServer one;
    private RelayServer two;

    @BeforeEach
    void start() {
        one = relay();
        two = relay();
    }

    @AfterEach
    void stop() {
        one.close();
        two.close();
    }

    private RelayServer relay() {
        return RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
    }

    @Test
    void eachAnswersWhatTheOtherWasAsked() {
        List<RelayClient> relays = List.of(new RelayClient(one.url()), new RelayClient(two.url()));
        for (int i = 0; i < 20; i++) {
            EncodedChangeSet next = ann.write("note " + i);
            SyncReply reply = MessageCodec.decodeReply(
                    relays.get(i % 2).sync("shop", null, ann.origin(), next).body());
            assertThat(reply.knownOfYou()).isEqualTo(ann.head());
        }
        SyncReply fromOne = MessageCodec.decodeReply(
                relays.get(0).sync("shop", null, ann.origin()).body());
        SyncReply fromTwo = MessageCodec.decodeReply(
                relays.get(1).sync("shop", null, ann.origin()).body());
        assertThat(fromOne.changeSets()).hasSize(20);
        assertThat(fromTwo.sum()).isEqualTo(fromOne.sum());
        assertThat(fromTwo.peer()).isEqualTo(fromOne.peer());
        assertThat(fromTwo.epoch()).isEqualTo(fromOne.epoch());
    }

    @Test
    void whoListensToTheOneHearsWhatTheOtherTook() throws Exception {
        HttpResponse<InputStream> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(two.url() + "/v1/spaces/shop/events"))
                                .build(),
                        BodyHandlers.ofInputStream());
        try (BufferedReader events =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.US_ASCII))) {
            String before = nextData(events);
            new RelayClient(one.url()).sync("shop", null, ann.origin(), ann.write("a1"));
            assertThat(nextData(events)).isNotEqualTo(before);
        }
    }

    private static String nextData(BufferedReader events) throws Exception {
        String line = events.readLine();
        while (line != null && !line.startsWith("data: ")) {
            line = events.readLine();
        }
        return String.valueOf(line);
    }
}
