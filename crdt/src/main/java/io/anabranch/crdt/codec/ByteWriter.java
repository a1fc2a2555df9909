// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

import io.anabranch.crdt.causality.Origin;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Appends values to a growing array. Numbers are big-endian or varints: 7 bits a byte, lowest first, the high bit set on
 * all but the last, never longer than needed. Confined to one thread.
 */
public final class ByteWriter {
    private byte[] bytes;
    private int size;

    public ByteWriter() {
        this(64);
    }

    public ByteWriter(int capacity) {
        bytes = new byte[Math.max(16, capacity)];
    }

    public ByteWriter u8(int value) {
        if (value < 0 || value > 255) {
            throw new IllegalArgumentException("not a byte: " + value);
        }
        ensure(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** Writes an unsigned number of up to 64 bits in 1 to 10 bytes. */
    public ByteWriter varint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** Writes a signed number so that small magnitudes stay short. */
    public ByteWriter zigzag(long value) {
        return varint(value << 1 ^ value >> 63);
    }

    /** Writes 8 bytes, highest first. */
    public ByteWriter fixed64(long value) {
        ensure(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    /** Writes the bytes alone, without their length. */
    public ByteWriter raw(byte[] value) {
        return raw(value, 0, value.length);
    }

    /** Writes {@code length} of the bytes alone, from {@code from} on. */
    public ByteWriter raw(byte[] value, int from, int length) {
        ensure(length);
        System.arraycopy(value, from, bytes, size, length);
        size += length;
        return this;
    }

    /** Writes the length, then the bytes. */
    public ByteWriter blob(byte[] value) {
        return varint(value.length).raw(value);
    }

    /** Writes the length in bytes, then the UTF-8. */
    public ByteWriter text(String value) {
        return blob(value.getBytes(StandardCharsets.UTF_8));
    }

    public ByteWriter origin(Origin origin) {
        return fixed64(origin.high()).fixed64(origin.low());
    }

    /** Writes the length, then all that {@code content} holds. */
    public ByteWriter nested(ByteWriter content) {
        varint(content.size);
        ensure(content.size);
        System.arraycopy(content.bytes, 0, bytes, size, content.size);
        size += content.size;
        return this;
    }

    /** Forgets what was written and keeps the array. */
    public void clear() {
        size = 0;
    }

    public int size() {
        return size;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            long wanted = Math.max((long) size + more, 2L * bytes.length);
            if (wanted > Integer.MAX_VALUE - 16) {
                throw new IllegalStateException("more than 2 GiB written");
            }
            bytes = Arrays.copyOf(bytes, (int) wanted);
        }
    }
}
