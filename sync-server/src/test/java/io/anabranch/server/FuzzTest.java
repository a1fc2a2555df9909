// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.MessageMutator;
import io.anabranch.sync.session.SyncRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A running relay under mangled messages: 2,000 of them, 20,000 with {@code -Plong}; {@code -Danabranch.seed=N} begins
 * elsewhere. Each gets an answer that is not the relay's fault, soon, and the next good request works.
 */
class FuzzTest {
    private static final boolean LONG = Boolean.getBoolean("anabranch.long");
    private static final int MESSAGES = LONG ? 20_000 : 2_000;
    private static final long SEED = Long.getLong("anabranch.seed", 20261121);
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    static Path folder;

    private static RelayServer relay;
    private static RelayClient client;

    @BeforeAll
    static void start() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
        client = new RelayClient(relay.url());
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    @Test
    void aMangledMessageIsNeverTheRelaysFault() {
        Random random = new Random(SEED);
        ChangeSets ann = ChangeSets.of(1);
        MessageMutator mutator = new MessageMutator(
                random,
                List.of(
                        request(ann),
                        request(ann, ann.write("a1")),
                        request(ann, ann.write("a2"), ann.write("a3".repeat(200)), ann.write("a4"))));
        for (int i = 0; i < MESSAGES; i++) {
            byte[] mangled = mutator.next();
            long began = System.nanoTime();
            RelayClient.Answer answer =
                    client.send("POST", "/v1/spaces/fuzz/sync", null, MessageCodec.MEDIA_TYPE, mangled);
            assertThat(answer.status()).as("message %d of seed %d", i, SEED).isIn(200, 400, 409, 426);
            assertThat(System.nanoTime() - began).isLessThan(SOON_NANOS);
        }
        ChangeSets bob = ChangeSets.of(99);
        assertThat(client.sync("fuzz", null, bob.origin(), bob.write("after all that"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void anAddressFullOfTricksIsNeverTheRelaysFault() {
        Random random = new Random(SEED);
        String[] pieces = {
            "v1", "spaces", "sync", "tokens", "events", "health", "%2e%2e", "%2F", "%00", "%C0%AF", "a", ";x=1", "%25"
        };
        for (int i = 0; i < MESSAGES / 10; i++) {
            StringBuilder path = new StringBuilder();
            for (int n = random.nextInt(6); n >= 0; n--) {
                path.append('/').append(pieces[random.nextInt(pieces.length)]);
            }
            RelayClient.Answer answer = client.json("PUT", path.toString(), null, null);
            assertThat(answer.status()).as("%s", path).isBetween(400, 499);
            assertThat(answer.code()).as("%s", path).isNotEmpty();
        }
    }

    private static byte[] request(ChangeSets sender, EncodedChangeSet... changeSets) {
        return MessageCodec.encode(new SyncRequest(
                sender.origin(),
                Heads.NONE.get(sender.origin()),
                Hash128.ZERO,
                null,
                new TreeMap<>(),
                1 << 20,
                List.of(changeSets)));
    }
}
