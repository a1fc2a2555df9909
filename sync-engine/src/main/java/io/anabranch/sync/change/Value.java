// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An SQLite value in its storage class, bit for bit: text is kept as its UTF-8 bytes even where they are not valid.
 * {@code -0.0} becomes {@code 0.0}, since SQL cannot tell them apart; NaN is NULL, as in SQLite. Immutable.
 *
 * <p>Ordered as SQLite orders them under BINARY: NULL, numbers, texts, blobs. Of two numbers that SQLite calls equal the
 * integer comes first, so that only equal values compare as equal.
 */
public sealed interface Value extends Comparable<Value> {
    /** The largest text or blob that replicates: 8 MiB, a constant of the protocol. */
    int MAX_BYTES = 8 << 20;

    Value NULL = new Null();

    static Value of(long value) {
        return new Int(value);
    }

    static Value of(double value) {
        return Double.isNaN(value) ? NULL : new Real(value);
    }

    static Value of(String text) {
        return new Text(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns a text of these UTF-8 bytes, which the caller gives away. */
    static Value text(byte[] utf8) {
        return new Text(utf8);
    }

    /** Returns a blob of these bytes, which the caller gives away. */
    static Value blob(byte[] bytes) {
        return new Blob(bytes);
    }

    /** Appends the tag of the storage class and the value; equal values give equal bytes. */
    void write(ByteWriter out);

    /** Returns how many bytes a text or blob has, which {@link #MAX_BYTES} bounds; 0 for other classes. */
    default int sizeBytes() {
        return 0;
    }

    @Override
    default int compareTo(Value other) {
        return ValueOrder.compare(this, other);
    }

    static Value read(ByteReader in) {
        int tag = in.u8();
        switch (tag) {
            case 0:
                return NULL;
            case 1:
                return new Int(in.zigzag());
            case 2:
                long bits = in.fixed64();
                double real = Double.longBitsToDouble(bits);
                if (Double.isNaN(real) || bits == Long.MIN_VALUE) {
                    throw in.error("a number other than NaN and -0.0", "one of them");
                }
                return new Real(real);
            case 3:
                return new Text(in.blob(MAX_BYTES, "text"));
            case 4:
                return new Blob(in.blob(MAX_BYTES, "a blob"));
            default:
                throw in.error("a value tag of 0 to 4", Integer.toString(tag));
        }
    }

    /** Returns the codec that {@link #write} and {@link #read} are. Values have no header. */
    static Codec<Value> codec() {
        return ValueCodec.INSTANCE;
    }

    /** SQL NULL. */
    record Null() implements Value {
        @Override
        public void write(ByteWriter out) {
            out.u8(0);
        }

        @Override
        public String toString() {
            return "NULL";
        }
    }

    /** A 64-bit integer. */
    record Int(long value) implements Value {
        @Override
        public void write(ByteWriter out) {
            out.u8(1).zigzag(value);
        }

        @Override
        public String toString() {
            return Long.toString(value);
        }
    }

    /** A double that is neither NaN nor -0.0. */
    record Real(double value) implements Value {
        public Real {
            if (Double.isNaN(value)) {
                throw new IllegalArgumentException("NaN is NULL in SQLite");
            }
            value = value + 0.0; // Turns -0.0 into 0.0.
        }

        @Override
        public void write(ByteWriter out) {
            out.u8(2).fixed64(Double.doubleToLongBits(value));
        }

        @Override
        public String toString() {
            return Double.toString(value);
        }
    }

    /** Text, as the UTF-8 bytes that SQLite holds. */
    final class Text implements Value {
        private final byte[] utf8;

        private Text(byte[] utf8) {
            this.utf8 = utf8;
        }

        /** Returns the bytes themselves: do not change them. */
        public byte[] utf8() {
            return utf8;
        }

        @Override
        public int sizeBytes() {
            return utf8.length;
        }

        @Override
        public void write(ByteWriter out) {
            out.u8(3).blob(utf8);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Text that && Arrays.equals(utf8, that.utf8);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(utf8);
        }

        /** Returns the text; bytes that are not UTF-8 show as U+FFFD. */
        @Override
        public String toString() {
            return new String(utf8, StandardCharsets.UTF_8);
        }
    }

    /** Bytes. */
    final class Blob implements Value {
        private final byte[] bytes;

        private Blob(byte[] bytes) {
            this.bytes = bytes;
        }

        /** Returns the bytes themselves: do not change them. */
        public byte[] bytes() {
            return bytes;
        }

        @Override
        public int sizeBytes() {
            return bytes.length;
        }

        @Override
        public void write(ByteWriter out) {
            out.u8(4).blob(bytes);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Blob that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "x'" + Hex.of(bytes) + "'";
        }
    }
}
