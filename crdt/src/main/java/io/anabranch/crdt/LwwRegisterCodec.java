// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;

/** Origin, seq, rank, value. */
final class LwwRegisterCodec<V> extends TaggedCodec<LwwRegister<V>> {
    private final Codec<V> values;

    LwwRegisterCodec(Codec<V> values) {
        super(TypeTag.LWW_REGISTER, values);
        this.values = values;
    }

    @Override
    public void write(LwwRegister<V> register, ByteWriter out) {
        out.origin(register.dot().origin()).varint(register.dot().seq()).varint(register.rank());
        values.write(register.value(), out);
    }

    @Override
    public LwwRegister<V> read(ByteReader in) {
        Dot dot = new Dot(in.origin(), in.varint(1, Long.MAX_VALUE, "a seq"));
        long rank = in.varint(0, Long.MAX_VALUE, "a rank");
        return new LwwRegister<>(dot, rank, values.read(in));
    }

    @Override
    public int minBytes() {
        return Origin.SIZE_BYTES + 2 + values.minBytes();
    }
}
