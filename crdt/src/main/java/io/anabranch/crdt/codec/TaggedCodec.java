// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

import java.util.List;

/** A codec whose header is a tag byte, a format version byte and the headers of its parts, in order. */
public abstract class TaggedCodec<T> implements Codec<T> {
    private final TypeTag tag;
    private final List<Codec<?>> parts;

    protected TaggedCodec(TypeTag tag, Codec<?>... parts) {
        this.tag = tag;
        this.parts = List.of(parts);
    }

    @Override
    public final void writeHeader(ByteWriter out) {
        out.u8(tag.number()).u8(tag.version());
        parts.forEach(part -> part.writeHeader(out));
    }

    @Override
    public final void readHeader(ByteReader in) {
        int start = in.position();
        int number = in.u8();
        if (number != tag.number()) {
            throw new DecodeException(start, "the tag " + tag, TypeTag.describe(number));
        }
        int version = in.u8();
        if (version != tag.version()) {
            throw new DecodeException(start + 1, "format version " + tag.version() + " of " + tag.name(), "" + version);
        }
        parts.forEach(part -> part.readHeader(in));
    }
}
