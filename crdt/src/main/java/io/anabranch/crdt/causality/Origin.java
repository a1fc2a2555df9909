// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One incarnation of one replica: 16 opaque bytes, ordered as unsigned bytes.
 *
 * <p>A replica takes a new origin whenever it may no longer be the only one that writes under the old name: a copied
 * file, a restored backup. Immutable.
 */
public final class Origin implements Comparable<Origin> {
    public static final int SIZE_BYTES = 16;

    private static final String HEX = "0123456789abcdef";

    private final long high;
    private final long low;

    private Origin(long high, long low) {
        this.high = high;
        this.low = low;
    }

    public static Origin of(long high, long low) {
        return new Origin(high, low);
    }

    /** Returns the origin named by exactly 16 bytes. */
    public static Origin of(byte[] bytes) {
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException("an origin has " + SIZE_BYTES + " bytes, not " + bytes.length);
        }
        return new Origin(readLong(bytes, 0), readLong(bytes, 8));
    }

    /** Returns the origin whose {@link #toString()} is {@code hex}: 32 hexadecimal digits. */
    public static Origin parse(String hex) {
        if (hex.length() != 2 * SIZE_BYTES) {
            throw new IllegalArgumentException("an origin has 32 hexadecimal digits: '" + hex + "'");
        }
        byte[] bytes = new byte[SIZE_BYTES];
        for (int i = 0; i < SIZE_BYTES; i++) {
            int upper = HEX.indexOf(Character.toLowerCase(hex.charAt(2 * i)));
            int lower = HEX.indexOf(Character.toLowerCase(hex.charAt(2 * i + 1)));
            if (upper < 0 || lower < 0) {
                throw new IllegalArgumentException("an origin has 32 hexadecimal digits: '" + hex + "'");
            }
            bytes[i] = (byte) (upper << 4 | lower);
        }
        return of(bytes);
    }

    /** Returns a fresh origin. Pass a {@link java.security.SecureRandom} wherever two origins must never meet. */
    public static Origin random(Random random) {
        byte[] bytes = new byte[SIZE_BYTES];
        random.nextBytes(bytes);
        return of(bytes);
    }

    /**
     * Returns who this origin is within one life of a map entry: a name of its own, so that what it wrote in one life is
     * never taken for what it wrote in another. A function of both; no two pairs give one name but by a chance of 2^-128.
     */
    public Origin within(Dot life) {
        long a = mix(high ^ mix(life.origin().high + 0x9E3779B97F4A7C15L * life.seq()));
        long b = mix(low ^ mix(life.origin().low + 0xD1B54A32D192ED03L * life.seq()));
        return new Origin(mix(a + 0x9E3779B97F4A7C15L * b), mix(b + 0xD1B54A32D192ED03L * a));
    }

    /** The finalizer of SplitMix64: every bit of the result depends on every bit given. */
    private static long mix(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    public long high() {
        return high;
    }

    public long low() {
        return low;
    }

    public byte[] bytes() {
        byte[] bytes = new byte[SIZE_BYTES];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (high >>> (56 - 8 * i));
            bytes[8 + i] = (byte) (low >>> (56 - 8 * i));
        }
        return bytes;
    }

    /** Returns the first 8 hexadecimal digits: enough for people to tell a handful of origins apart. */
    public String shortName() {
        return toString().substring(0, 8);
    }

    @Override
    public int compareTo(Origin other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Origin that && high == that.high && low == that.low;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high * 31 + low);
    }

    /** Returns 32 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        StringBuilder hex = new StringBuilder(2 * SIZE_BYTES);
        for (byte b : bytes()) {
            hex.append(HEX.charAt(b >> 4 & 15)).append(HEX.charAt(b & 15));
        }
        return hex.toString();
    }

    private static long readLong(byte[] bytes, int from) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | bytes[from + i] & 0xff;
        }
        return value;
    }
}
