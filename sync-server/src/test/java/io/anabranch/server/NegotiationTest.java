// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.server.RelayClient.Answer;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of other versions than the relay's. */
class NegotiationTest {
    private static final int PROTOCOL_BYTE = 2;

    @TempDir
    Path folder;

    private final ChangeSets ann = ChangeSets.of(1);
    private RelayServer relay;
    private RelayClient client;

    @BeforeEach
    void start() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
        client = new RelayClient(relay.url());
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void anOldClientIsToldWhyAndWhatToDo() {
        Answer answer = post(ofProtocol(0));

        assertThat(answer.status()).isEqualTo(426);
        assertThat(answer.code()).isEqualTo("protocol-version");
        assertThat(answer.header("Upgrade")).isEqualTo("anabranch/1");
        assertThat(answer.json().get("protocol").asInt()).isZero();
        assertThat(answer.json().get("oldest").asInt()).isEqualTo(1);
        assertThat(answer.json().get("newest").asInt()).isEqualTo(1);
        assertThat(answer.json().get("detail").asText())
                .contains("protocol 0", "understands 1 to 1", "Update the client", "nothing is lost");
    }

    @Test
    void aNewerClientIsToldWhatItMaySpeakInstead() {
        Answer answer = post(ofProtocol(2));

        assertThat(answer.status()).isEqualTo(426);
        assertThat(answer.json().get("newest").asInt()).isEqualTo(1);
        assertThat(answer.json().get("detail").asText()).contains("Have the relay updated");
        assertThat(post(ofProtocol(1)).status()).isEqualTo(200);
    }

    @Test
    void aReplicaSaysWhatTheRelaySaid() {
        try (Transport transport = Transport.http(relay.url())) {
            assertThat(transport.exchange("shop", ofProtocol(0)))
                    .isInstanceOfSatisfying(
                            Transport.Result.Failed.class,
                            failed -> assertThat(failed.reason()).contains("Update the client"));
        }
    }

    @Test
    void nothingOfAMessageOfAnotherProtocolIsTaken() {
        post(ofProtocol(0));
        assertThat(MessageCodec.decodeReply(
                                client.sync("shop", null, Origin.of(0, 9)).body())
                        .changeSets())
                .isEmpty();
    }

    @Test
    void aMessageWithWhatALaterVersionAddsIsUnderstoodForTheRest() {
        EncodedChangeSet a1 = ann.write("a1");
        ByteWriter content = new ByteWriter(256);
        content.origin(ann.origin()).varint(1);
        a1.hash().write(content);
        Heads heads = Heads.of(new TreeMap<>(Map.of(ann.origin(), a1.head())));
        heads.sum().write(content);
        content.u8(0).varint(1).origin(ann.origin()).varint(1);
        a1.hash().write(content);
        content.varint(1 << 20).varint(1).blob(a1.bytes());
        content.varint(2).varint(999).blob(new byte[] {1, 2, 3}).varint(1_000).blob(new byte[0]);
        byte[] plain = content.toByteArray();
        byte[] message = new ByteWriter(512)
                .u8('A')
                .u8('B')
                .u8(1)
                .u8(1)
                .fixed64(Hash128.of(plain, new byte[0]).prefix())
                .u8(0)
                .raw(plain)
                .toByteArray();

        Answer answer = post(message);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(MessageCodec.decodeReply(answer.body()).knownOfYou()).isEqualTo(a1.head());
    }

    @Test
    void operationsOfALaterVersionAreForwardedAsTheyCame() {
        ByteWriter unknown =
                new ByteWriter(64).varint(0).varint(0).nested(new ByteWriter()).varint(0);
        unknown.varint(0).nested(new ByteWriter(16).varint(77).blob(new byte[] {9, 9, 9}));
        ByteWriter bytes =
                new ByteWriter(128).u8(1).u8(0).origin(Origin.of(9, 9)).varint(1);
        Hash128.ZERO.write(bytes);
        EncodedChangeSet later = EncodedChangeSet.of(
                bytes.varint(5).varint(0).varint(0).blob(unknown.toByteArray()).toByteArray());

        assertThat(client.sync("shop", null, Origin.of(9, 9), later).status()).isEqualTo(200);
        SyncReply reply =
                MessageCodec.decodeReply(client.sync("shop", null, ann.origin()).body());
        assertThat(reply.changeSets()).hasSize(1);
        assertThat(reply.changeSets().get(0).bytes()).isEqualTo(later.bytes());
    }

    private Answer post(byte[] message) {
        return client.send("POST", "/v1/spaces/shop/sync", null, MessageCodec.MEDIA_TYPE, message);
    }

    private byte[] ofProtocol(int protocol) {
        byte[] message = MessageCodec.encode(new SyncRequest(
                ann.origin(),
                Heads.NONE.get(ann.origin()),
                Hash128.ZERO,
                null,
                new TreeMap<>(),
                1_000,
                List.of(ChangeSets.of(1).write("a1"))));
        message[PROTOCOL_BYTE] = (byte) protocol;
        return message;
    }
}
