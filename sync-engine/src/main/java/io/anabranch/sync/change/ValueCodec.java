// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;

/** Values inside other bytes, which say what they are. */
final class ValueCodec implements Codec<Value> {
    static final ValueCodec INSTANCE = new ValueCodec();

    private ValueCodec() {}

    @Override
    public void writeHeader(ByteWriter out) {}

    @Override
    public void readHeader(ByteReader in) {}

    @Override
    public void write(Value value, ByteWriter out) {
        value.write(out);
    }

    @Override
    public Value read(ByteReader in) {
        return Value.read(in);
    }

    @Override
    public int minBytes() {
        return 1;
    }
}
