// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.ChangeSetJson;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.TableOp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The decoder under bad messages made of the golden ones: 20,000 of them, 1,000,000 with {@code -Plong}; {@code
 * -Danabranch.seed=N} begins elsewhere. Each is understood or refused with a {@link DecodeException}, and what is understood
 * is read to its end, down to the operations.
 */
class MessageFuzzTest {
    private static final int MESSAGES = Boolean.getBoolean("anabranch.long") ? 1_000_000 : 20_000;
    private static final long SEED = Long.getLong("anabranch.seed", 20261129);

    private static final int[] EXTRAS = {1, 2, 16, 17, 18, 19, 20, 21, 22, 23, 24};

    @Test
    void aBadMessageIsUnderstoodOrRefused() throws IOException {
        List<byte[]> good = new ArrayList<>(List.of(golden("request"), golden("request-with-parts"), golden("reply")));
        for (int kind : EXTRAS) {
            good.add(golden("extra-" + kind));
        }
        MessageMutator mutator = new MessageMutator(new Random(SEED), good);
        int understood = 0;
        for (int i = 0; i < MESSAGES; i++) {
            byte[] message = mutator.next();
            try {
                for (EncodedChangeSet changeSet : read(message)) {
                    operations(changeSet);
                }
                understood++;
            } catch (DecodeException refused) {
                assertThat(refused.getMessage()).contains("expected");
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError(
                        "message " + i + " of seed " + SEED + ": "
                                + HexFormat.of().formatHex(message),
                        e);
            }
        }
        // Enough get through the frame for the rest to be reached.
        assertThat(understood).isBetween(MESSAGES / 100, MESSAGES - MESSAGES / 10);
    }

    private static List<EncodedChangeSet> read(byte[] message) {
        boolean isReply = message.length > 3 && message[3] == 2;
        return isReply
                ? MessageCodec.decodeReply(message).changeSets()
                : MessageCodec.decodeRequest(message).changeSets();
    }

    private static void operations(EncodedChangeSet changeSet) {
        assertThat(ChangeSetJson.of(changeSet)).containsKey("origin");
        if (changeSet.isInParts()) {
            return;
        }
        List<TableOp> all = new ArrayList<>();
        ChangeSetReader reader = new ChangeSetReader(changeSet, PartSource.NONE);
        for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
            all.addAll(ops);
        }
        assertThat(all.size()).isLessThanOrEqualTo(changeSet.bytes().length);
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = MessageFuzzTest.class.getResourceAsStream("/fixtures/v1/" + name + ".hex")) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
            return HexFormat.of().parseHex(hex);
        }
    }
}
