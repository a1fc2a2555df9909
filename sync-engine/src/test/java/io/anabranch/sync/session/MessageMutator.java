// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Makes bad messages of good ones. A message bears a hash of its content, so most damage is found at once and nothing behind
 * that is reached; therefore half of the time the content is mangled and the frame made right again. Confined to one thread.
 */
public final class MessageMutator {
    private static final int HEAD_BYTES = 12;
    /** Lengths and counts that readers have tripped over. */
    private static final long[] NUMBERS = {0, 1, 127, 128, 255, 16_383, 1L << 20, 1L << 31, 1L << 32, 1L << 62, -1};

    private final Random random;
    private final List<byte[]> good;

    public MessageMutator(Random random, List<byte[]> good) {
        this.random = random;
        this.good = good;
    }

    /** Returns the next bad message, which may be a good one by chance. */
    public byte[] next() {
        byte[] message = good.get(random.nextInt(good.size()));
        return random.nextBoolean() ? mangle(message) : framed(message[3], mangle(content(message)));
    }

    /** Returns a frame around a content, with the hash that it should have. */
    static byte[] framed(int type, byte[] content) {
        return new ByteWriter(content.length + HEAD_BYTES + 1)
                .u8('A')
                .u8('B')
                .u8(MessageCodec.PROTOCOL)
                .u8(type)
                .fixed64(Hash128.of(content, new byte[0]).prefix())
                .u8(0)
                .raw(content)
                .toByteArray();
    }

    /** Returns what is in the frame, inflated. */
    static byte[] content(byte[] message) {
        ByteReader in = new ByteReader(message);
        in.raw(HEAD_BYTES);
        if (in.u8() == 0) {
            return in.raw(in.remaining());
        }
        byte[] plain = new byte[(int) in.varint(0, MessageCodec.MAX_INFLATED_BYTES, "a length")];
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(in.raw(in.remaining()));
            inflater.inflate(plain);
            return plain;
        } catch (DataFormatException e) {
            throw new AssertionError("a good message", e);
        } finally {
            inflater.end();
        }
    }

    /** Cuts, flips, repeats, inserts, overwrites, or writes a number; once to four times. */
    private byte[] mangle(byte[] original) {
        byte[] bytes = original.clone();
        for (int n = random.nextInt(4); n >= 0; n--) {
            int at = random.nextInt(Math.max(1, bytes.length));
            switch (random.nextInt(6)) {
                case 0:
                    bytes = Arrays.copyOf(bytes, at);
                    break;
                case 1:
                    if (bytes.length > 0) {
                        bytes[at] ^= (byte) (1 << random.nextInt(8));
                    }
                    break;
                case 2:
                    int to = Math.min(bytes.length, at + random.nextInt(64));
                    bytes = join(
                            Arrays.copyOf(bytes, to),
                            Arrays.copyOfRange(bytes, Math.min(at, bytes.length), bytes.length));
                    break;
                case 3:
                    byte[] noise = new byte[random.nextInt(20)];
                    random.nextBytes(noise);
                    bytes = insert(bytes, at, noise);
                    break;
                case 4:
                    byte[] number = new ByteWriter(10)
                            .varint(NUMBERS[random.nextInt(NUMBERS.length)])
                            .toByteArray();
                    bytes = random.nextBoolean() ? insert(bytes, at, number) : overwrite(bytes, at, number);
                    break;
                default:
                    int end = Math.min(bytes.length, at + 10);
                    if (at < end) {
                        Arrays.fill(bytes, at, end, (byte) (random.nextBoolean() ? 0xff : 0));
                    }
            }
        }
        return bytes;
    }

    private static byte[] insert(byte[] bytes, int at, byte[] what) {
        int place = Math.min(at, bytes.length);
        return join(join(Arrays.copyOf(bytes, place), what), Arrays.copyOfRange(bytes, place, bytes.length));
    }

    private static byte[] overwrite(byte[] bytes, int at, byte[] what) {
        byte[] copy = bytes.clone();
        for (int i = 0; i < what.length && at + i < copy.length; i++) {
            copy[at + i] = what[i];
        }
        return copy;
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
