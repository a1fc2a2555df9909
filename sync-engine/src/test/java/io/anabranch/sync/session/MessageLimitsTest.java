// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Snapshot;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** Each limit of a message at one below, at it, and one above. */
class MessageLimitsTest {
    private static final int UNKNOWN_EXTRA = 1_000_000;
    private static final Origin ANN = Origin.of(0, 1);

    @Test
    void aMessageInflatesTo16MiBAndNoFurther() {
        int most = 16 << 20;
        assertThat(read(deflated(content(most - 1, most / 2)))).isTrue();
        assertThat(read(deflated(content(most, most / 2)))).isTrue();
        assertThat(read(deflated(content(most + 1, most / 2)))).isFalse();
    }

    @Test
    void aMessageInflatesTo100TimesItsBytesAndNoFurther() {
        assertThat(read(inflatingBy100(-1))).isTrue();
        assertThat(read(inflatingBy100(0))).isTrue();
        assertThat(read(inflatingBy100(1))).isFalse();
    }

    @Test
    void aSignatureHas1024Bytes() {
        assertThat(signed(1_023).header().seq()).isEqualTo(1);
        assertThat(signed(1_024).header().seq()).isEqualTo(1);
        assertThatThrownBy(() -> signed(1_025)).isInstanceOf(DecodeException.class);
    }

    @Test
    void aPartOfASnapshotHasOneMebibyte() {
        assertThat(partOf((1 << 20) - 1)).isTrue();
        assertThat(partOf(1 << 20)).isTrue();
        assertThat(partOf((1 << 20) + 1)).isFalse();
    }

    // ---- Messages

    /** Returns a request of exactly so many bytes once inflated, that ends with random bytes and zeros. */
    private static byte[] content(int size, int random) {
        byte[] request = MessageMutator.content(MessageCodec.encode(
                new SyncRequest(ANN, Head.NONE, Hash128.ZERO, null, new TreeMap<>(), 1, List.of())));
        byte[] before = new ByteWriter(size)
                .raw(Arrays.copyOf(request, request.length - 1))
                .varint(1)
                .varint(UNKNOWN_EXTRA)
                .toByteArray();
        for (int length = size - before.length - 1; ; length--) {
            byte[] filler = new byte[length];
            byte[] noise = new byte[Math.min(length, random)];
            new Random(7).nextBytes(noise);
            System.arraycopy(noise, 0, filler, 0, noise.length);
            byte[] all = new ByteWriter(size).raw(before).blob(filler).toByteArray();
            if (all.length == size) {
                return all;
            }
        }
    }

    private static byte[] deflated(byte[] content) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(content);
        deflater.finish();
        byte[] packed = new byte[content.length + 1_024];
        int length = deflater.deflate(packed);
        deflater.end();
        return new ByteWriter(length + 32)
                .u8('A')
                .u8('B')
                .u8(MessageCodec.PROTOCOL)
                .u8(1)
                .fixed64(Hash128.of(content, new byte[0]).prefix())
                .u8(1)
                .varint(content.length)
                .raw(packed, 0, length)
                .toByteArray();
    }

    /** Looks for a message whose content is {@code more} longer than 100 times the message. */
    private static byte[] inflatingBy100(int more) {
        for (int random = 0; random < 100; random++) {
            for (int length = 80; length < 300; length++) {
                byte[] message = deflated(content(100 * length + more, random));
                if (message.length == length) {
                    return message;
                }
            }
        }
        throw new AssertionError("no such message");
    }

    private static boolean partOf(int bytes) {
        Aside.Part part = new Aside.Part(new Snapshot.Id(Hash128.ZERO, 3 << 20), 0, new byte[bytes]);
        byte[] random = part.bytes();
        new Random(7).nextBytes(random);
        return read(MessageCodec.encode(new SyncRequest(
                ANN,
                Head.NONE,
                Hash128.ZERO,
                null,
                new TreeMap<>(),
                1,
                List.of(),
                List.of(),
                List.of(),
                Aside.of(part))));
    }

    private static boolean read(byte[] message) {
        try {
            MessageCodec.decodeRequest(message);
            return true;
        } catch (DecodeException e) {
            return false;
        }
    }

    private static EncodedChangeSet signed(int bytes) {
        ByteWriter out = new ByteWriter(2_048).u8(1).u8(0).origin(ANN).varint(1);
        Hash128.ZERO.write(out);
        return EncodedChangeSet.of(
                out.varint(5).varint(0).blob(new byte[bytes]).varint(0).toByteArray());
    }
}
