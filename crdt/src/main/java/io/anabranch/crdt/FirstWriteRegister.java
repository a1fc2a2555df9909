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
 * A value that is written once: of concurrent first writes the one with the lower (stamp, dot) stays.
 *
 * <p>A write that sees a value changes nothing, whatever its clock says. The value never takes part in the order.
 *
 * <p>State: one value, its dot and its stamp; O(1). Immutable if the value is. The delta of a write is the register of
 * just that value. Not settled until everybody was heard: an earlier write may still arrive.
 *
 * <p>Source: the mirror image of the last-writer-wins register, Shapiro et al., INRIA RR-7506, 2011, section 3.2.1.
 */
public record FirstWriteRegister<V>(Dot dot, long stamp, V value) implements Crdt<FirstWriteRegister<V>> {
    public FirstWriteRegister {
        if (stamp < 0) {
            throw new IllegalArgumentException("stamp < 0: " + stamp);
        }
    }

    public static <V> Codec<FirstWriteRegister<V>> codec(Codec<V> values) {
        return new Bytes<>(values);
    }

    @Override
    public FirstWriteRegister<V> merge(FirstWriteRegister<V> other) {
        boolean earlier = stamp != other.stamp ? other.stamp < stamp : other.dot.compareTo(dot) < 0;
        return earlier ? other : this;
    }

    /** Origin, seq, stamp, value. */
    private static final class Bytes<V> extends TaggedCodec<FirstWriteRegister<V>> {
        private final Codec<V> values;

        Bytes(Codec<V> values) {
            super(TypeTag.FIRST_WRITE_REGISTER, values);
            this.values = values;
        }

        @Override
        public void write(FirstWriteRegister<V> register, ByteWriter out) {
            out.origin(register.dot.origin()).varint(register.dot.seq()).varint(register.stamp);
            values.write(register.value, out);
        }

        @Override
        public FirstWriteRegister<V> read(ByteReader in) {
            Dot dot = new Dot(in.origin(), in.varint(1, Long.MAX_VALUE, "a seq"));
            long stamp = in.varint(0, Long.MAX_VALUE, "a stamp");
            return new FirstWriteRegister<>(dot, stamp, values.read(in));
        }

        @Override
        public int minBytes() {
            return Origin.SIZE_BYTES + 2 + values.minBytes();
        }
    }
}
