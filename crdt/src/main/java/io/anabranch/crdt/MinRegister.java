// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;

/**
 * The lowest value ever written: a best time, an earliest date.
 *
 * <p>Merging takes the lowest. Of values that compare as equal and are not, the one of the higher dot stays.
 *
 * <p>State: one value and the dot of its write; O(1). Immutable if the value is. The delta of a write is the register of
 * just that value.
 *
 * <p>Source: Shapiro et al., INRIA RR-7506, 2011, section 2.3: the join of a total order.
 */
public record MinRegister<V extends Comparable<V>>(Dot dot, V value) implements Crdt<MinRegister<V>> {
    public static <V extends Comparable<V>> Codec<MinRegister<V>> codec(Codec<V> values) {
        return new Bytes<>(values);
    }

    /** Returns this register after a write of {@code value} at {@code dot}, which changes nothing unless it is lower. */
    public MinRegister<V> write(Dot dot, V value) {
        return merge(new MinRegister<>(dot, value));
    }

    @Override
    public MinRegister<V> merge(MinRegister<V> other) {
        int order = other.value.compareTo(value);
        return order < 0 || order == 0 && other.dot.compareTo(dot) > 0 ? other : this;
    }

    /** Origin, seq, value. */
    private static final class Bytes<V extends Comparable<V>> extends TaggedCodec<MinRegister<V>> {
        private final Codec<V> values;

        Bytes(Codec<V> values) {
            super(TypeTag.MIN_REGISTER, values);
            this.values = values;
        }

        @Override
        public void write(MinRegister<V> register, ByteWriter out) {
            out.origin(register.dot.origin()).varint(register.dot.seq());
            values.write(register.value, out);
        }

        @Override
        public MinRegister<V> read(ByteReader in) {
            Dot dot = new Dot(in.origin(), in.varint(1, Long.MAX_VALUE, "a seq"));
            return new MinRegister<>(dot, values.read(in));
        }

        @Override
        public int minBytes() {
            return Origin.SIZE_BYTES + 1 + values.minBytes();
        }
    }
}
