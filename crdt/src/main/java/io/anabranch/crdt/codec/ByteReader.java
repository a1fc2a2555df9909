// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

import io.anabranch.crdt.causality.Origin;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link ByteWriter} wrote, from bytes that may come from an enemy: every length is checked against the bytes
 * that are really there before anything is allocated, and only the canonical form of a number is taken. All methods
 * throw {@link DecodeException}. Confined to one thread.
 */
public final class ByteReader {
    private final byte[] bytes;
    private final int end;
    private int position;

    public ByteReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private ByteReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.position = from;
        this.end = end;
    }

    public int u8() {
        require(1, "a byte");
        return bytes[position++] & 0xff;
    }

    /** Reads an unsigned number of up to 64 bits; negative results are numbers from 2^63 on. */
    public long varint() {
        int start = position;
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            require(1, "a varint");
            int b = bytes[position++] & 0xff;
            if (shift == 63 && b > 1) {
                throw new DecodeException(start, "a varint of at most 64 bits", "more");
            }
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                if (b == 0 && shift > 0) {
                    throw new DecodeException(start, "the shortest form of a varint", "a longer one");
                }
                return value;
            }
        }
        throw new DecodeException(start, "a varint of at most 10 bytes", "more");
    }

    /** Reads a varint between {@code min} and {@code max}, both included and not negative. */
    public long varint(long min, long max, String what) {
        int start = position;
        long value = varint();
        if (value < min || value > max) {
            String range = min + " to " + max;
            throw new DecodeException(start, what + " of " + range, Long.toUnsignedString(value));
        }
        return value;
    }

    /** Reads how many things follow, each of which takes at least {@code minBytesEach} bytes. */
    public int count(int minBytesEach, String what) {
        int start = position;
        long count = varint();
        int most = remaining() / Math.max(1, minBytesEach);
        if (count < 0 || count > most) {
            throw new DecodeException(start, "a count of " + what + " of 0 to " + most, Long.toUnsignedString(count));
        }
        return (int) count;
    }

    public long zigzag() {
        long value = varint();
        return value >>> 1 ^ -(value & 1);
    }

    public long fixed64() {
        require(8, "8 bytes");
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | bytes[position++] & 0xff;
        }
        return value;
    }

    public byte[] raw(int length) {
        require(length, length + " bytes");
        byte[] value = Arrays.copyOfRange(bytes, position, position + length);
        position += length;
        return value;
    }

    /** Reads a length of at most {@code maxBytes}, then as many bytes. */
    public byte[] blob(long maxBytes, String what) {
        return raw(length(maxBytes, what));
    }

    /** Reads a length of at most {@code maxBytes}, then valid UTF-8. */
    public String text(long maxBytes, String what) {
        int length = length(maxBytes, what);
        int start = position;
        try {
            String value = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, position, length))
                    .toString();
            position += length;
            return value;
        } catch (CharacterCodingException e) {
            throw new DecodeException(start, what + " in UTF-8", "bytes that are not");
        }
    }

    public Origin origin() {
        require(Origin.SIZE_BYTES, "an origin of 16 bytes");
        return Origin.of(fixed64(), fixed64());
    }

    /** Reads a length of at most {@code maxBytes} and returns a reader of just those bytes, which are skipped here. */
    public ByteReader nested(long maxBytes, String what) {
        int length = length(maxBytes, what);
        ByteReader inner = new ByteReader(bytes, position, position + length);
        position += length;
        return inner;
    }

    /** Checks that nothing is left. */
    public void end() {
        if (position < end) {
            throw new DecodeException(position, "the end", remaining() + " more bytes");
        }
    }

    /** Returns where the next byte is read, counted from the start of the outermost bytes. */
    public int position() {
        return position;
    }

    public int remaining() {
        return end - position;
    }

    /** Returns an error at the current position. */
    public DecodeException error(String expected, String found) {
        return new DecodeException(position, expected, found);
    }

    private int length(long maxBytes, String what) {
        int start = position;
        long length = varint(0, maxBytes, "a length of " + what);
        if (length > remaining()) {
            throw new DecodeException(start, what + " of " + length + " bytes", remaining() + " bytes left");
        }
        return (int) length;
    }

    private void require(int length, String what) {
        if (length < 0 || length > end - position) {
            throw new DecodeException(position, what, (end - position) + " bytes left");
        }
    }
}
