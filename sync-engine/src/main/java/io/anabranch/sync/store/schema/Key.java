// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A primary key as bytes: what names a row. Sorts as its first integer does, so that rows stay near each other. Immutable.
 *
 * <p>Exact bytes decide, with one exception that SQLite makes too: 1 and 1.0 are one key.
 */
public final class Key implements Comparable<Key> {
    private static final int TAG_NULL = 0;
    private static final int TAG_INTEGER = 1;
    private static final int TAG_REAL = 2;
    private static final int TAG_TEXT = 3;
    private static final int TAG_BLOB = 4;

    private final byte[] bytes;
    private int hash;

    private Key(byte[] bytes) {
        this.bytes = bytes;
    }

    public static Key of(byte[] bytes) {
        return new Key(bytes);
    }

    public static Key of(List<Value> values) {
        ByteWriter out = new ByteWriter(32);
        for (Value value : values) {
            Value exact = canonical(value);
            if (exact instanceof Value.Int integer) {
                out.u8(TAG_INTEGER).fixed64(integer.value() ^ Long.MIN_VALUE);
            } else if (exact instanceof Value.Real real) {
                out.u8(TAG_REAL).fixed64(Double.doubleToLongBits(real.value()));
            } else if (exact instanceof Value.Text text) {
                out.u8(TAG_TEXT).blob(text.utf8());
            } else if (exact instanceof Value.Blob blob) {
                out.u8(TAG_BLOB).blob(blob.bytes());
            } else {
                out.u8(TAG_NULL);
            }
        }
        return new Key(out.toByteArray());
    }

    private static Value canonical(Value value) {
        if (value instanceof Value.Real real) {
            long whole = (long) real.value();
            if ((double) whole == real.value() && whole != Long.MAX_VALUE) {
                return Value.of(whole);
            }
        }
        return value;
    }

    public List<Value> values() {
        ByteReader in = new ByteReader(bytes);
        List<Value> values = new ArrayList<>();
        while (in.remaining() > 0) {
            int tag = in.u8();
            switch (tag) {
                case TAG_INTEGER:
                    values.add(Value.of(in.fixed64() ^ Long.MIN_VALUE));
                    break;
                case TAG_REAL:
                    values.add(Value.of(Double.longBitsToDouble(in.fixed64())));
                    break;
                case TAG_TEXT:
                    values.add(Value.text(in.blob(in.remaining(), "a key")));
                    break;
                case TAG_BLOB:
                    values.add(Value.blob(in.blob(in.remaining(), "a key")));
                    break;
                default:
                    values.add(Value.NULL);
            }
        }
        return values;
    }

    /** Returns whether a value in it is larger than any that replicates. */
    public boolean isTooLarge() {
        if (bytes.length <= Value.MAX_BYTES) {
            return false;
        }
        for (Value value : values()) {
            if (value.sizeBytes() > Value.MAX_BYTES) {
                return true;
            }
        }
        return false;
    }

    public byte[] bytes() {
        return bytes;
    }

    @Override
    public int compareTo(Key other) {
        int common = Math.min(bytes.length, other.bytes.length);
        for (int i = 0; i < common; i++) {
            int order = Integer.compare(bytes[i] & 0xff, other.bytes[i] & 0xff);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(bytes.length, other.bytes.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Key that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        if (hash == 0) {
            hash = Arrays.hashCode(bytes);
        }
        return hash;
    }

    @Override
    public String toString() {
        return values().toString();
    }
}
