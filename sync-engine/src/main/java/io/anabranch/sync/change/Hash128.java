// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * 128 bits: the first half of a SHA-256, or a sum of such halves modulo 2^128. Sums do not depend on order, so a set can
 * be compared by the sum over its members, kept as members come and go. Immutable.
 */
public record Hash128(long high, long low) {
    public static final int SIZE_BYTES = 16;
    public static final Hash128 ZERO = new Hash128(0, 0);

    /** Returns the first 16 bytes of the SHA-256 of the parts, one after the other. */
    public static Hash128 of(byte[]... parts) {
        MessageDigest digest = sha256();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return finish(digest);
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** Returns the first 16 bytes of what {@code digest} was given. */
    public static Hash128 finish(MessageDigest digest) {
        return read(new ByteReader(digest.digest()));
    }

    public static Hash128 of(byte[] sixteenBytes) {
        if (sixteenBytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException("a hash has 16 bytes, not " + sixteenBytes.length);
        }
        return read(new ByteReader(sixteenBytes));
    }

    public static Hash128 read(ByteReader in) {
        return new Hash128(in.fixed64(), in.fixed64());
    }

    public void write(ByteWriter out) {
        out.fixed64(high).fixed64(low);
    }

    public Hash128 plus(Hash128 other) {
        long sum = low + other.low;
        long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
        return new Hash128(high + other.high + carry, sum);
    }

    public Hash128 minus(Hash128 other) {
        long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
        return new Hash128(high - other.high - borrow, low - other.low);
    }

    public byte[] bytes() {
        ByteWriter out = new ByteWriter(SIZE_BYTES);
        write(out);
        return out.toByteArray();
    }

    /** Returns the first 8 bytes: enough to tell two branches of one history apart. */
    public long prefix() {
        return high;
    }

    /** Returns 32 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return Hex.of(bytes());
    }
}
