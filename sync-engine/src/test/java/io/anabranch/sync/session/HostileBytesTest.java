// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.PartSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are cut, changed or made up give a {@link DecodeException} and nothing else, and cost no more than their size. */
class HostileBytesTest {
    private static void decode(String name, byte[] bytes) {
        if (name.startsWith("request")) {
            MessageCodec.decodeRequest(bytes).changeSets().forEach(ChangeSetCodec::ops);
        } else if (name.equals("reply")) {
            MessageCodec.decodeReply(bytes).changeSets().forEach(ChangeSetCodec::ops);
        } else if (name.equals("change-set-in-parts")) {
            EncodedChangeSet changeSet = EncodedChangeSet.of(bytes);
            PartSource zeros = index -> new byte[changeSet.parts().sizeOf(index)];
            ChangeSetReader reader = new ChangeSetReader(changeSet, zeros);
            assertThat(reader.next()).isNotEmpty();
        } else {
            ChangeSetCodec.ops(EncodedChangeSet.of(bytes));
        }
    }

    private static void decodeOrRefuse(String name, byte[] bytes) {
        try {
            decode(name, bytes);
        } catch (DecodeException refused) {
            assertThat(refused.getMessage()).contains("expected");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "reply", "change-set", "cells", "request-with-parts", "change-set-in-parts"})
    void everyTruncationIsRefused(String name) throws IOException {
        byte[] golden = golden(name);
        for (int length = 0; length < golden.length; length++) {
            byte[] cut = Arrays.copyOf(golden, length);
            assertThatThrownBy(() -> decode(name, cut))
                    .as("%s cut to %s bytes", name, length)
                    .isInstanceOf(DecodeException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "reply", "change-set", "cells", "request-with-parts", "change-set-in-parts"})
    void everyFlippedBitDecodesOrIsRefused(String name) throws IOException {
        byte[] golden = golden(name);
        for (int bit = 0; bit < golden.length * 8; bit++) {
            byte[] flipped = golden.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            decodeOrRefuse(name, flipped);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "reply", "change-set", "cells", "request-with-parts", "change-set-in-parts"})
    void bytesReplacedAtRandomDecodeOrAreRefused(String name) throws IOException {
        byte[] golden = golden(name);
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = golden.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                changed[5 + random.nextInt(changed.length - 5)] =
                        (byte) (random.nextInt(4) == 0 ? 0xff : random.nextInt());
            }
            decodeOrRefuse(name, changed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "reply", "change-set", "cells", "request-with-parts", "change-set-in-parts"})
    void aByteTooManyIsRefused(String name) throws IOException {
        byte[] golden = golden(name);
        assertThatThrownBy(() -> decode(name, Arrays.copyOf(golden, golden.length + 1)))
                .isInstanceOf(DecodeException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"request", "reply", "request-with-parts"})
    void aMessageWithOneBitChangedIsRefused(String name) throws IOException {
        byte[] golden = golden(name);
        byte[] whole = message(name, golden);
        int refused = 0;
        for (int bit = 0; bit < golden.length * 8; bit++) {
            byte[] damaged = golden.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                // Some bits of what is deflated mean nothing.
                assertThat(message(name, damaged)).isEqualTo(whole);
            } catch (DecodeException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(golden.length * 8 - 64);
    }

    /** Returns the bytes of what was read. */
    private static byte[] message(String name, byte[] bytes) {
        return name.equals("reply")
                ? MessageCodec.encode(MessageCodec.decodeReply(bytes))
                : MessageCodec.encode(MessageCodec.decodeRequest(bytes));
    }

    @Test
    void aBombIsRefusedBeforeItIsInflated() {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(new byte[MessageCodec.MAX_INFLATED_BYTES]);
        deflater.finish();
        byte[] packed = new byte[1 << 20];
        int length = deflater.deflate(packed);
        deflater.end();
        for (long claimed : new long[] {MessageCodec.MAX_INFLATED_BYTES, 1_000, Long.MAX_VALUE}) {
            ByteWriter out = new ByteWriter(length + 32);
            out.u8('A').u8('B').u8(1).u8(1).fixed64(0).u8(1).varint(claimed).raw(Arrays.copyOf(packed, length));
            assertThatThrownBy(() -> MessageCodec.decodeRequest(out.toByteArray()))
                    .isInstanceOf(DecodeException.class);
        }
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = HostileBytesTest.class.getResourceAsStream("/fixtures/v1/" + name + ".hex")) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
            byte[] bytes = new byte[hex.length() / 2];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
            }
            return bytes;
        }
    }
}
