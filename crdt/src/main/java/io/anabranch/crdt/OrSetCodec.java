// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import java.util.function.Function;

/** A dot store of elements. */
final class OrSetCodec<E> extends TaggedCodec<OrSet<E>> {
    private final DotStoreCodec<E> stores;

    OrSetCodec(Codec<E> elements) {
        super(TypeTag.OR_SET, elements);
        this.stores = new DotStoreCodec<>(DotStoreCodec.EntryCodec.of(elements));
    }

    @Override
    public void write(OrSet<E> set, ByteWriter out) {
        stores.write(set.store().store(), out);
    }

    @Override
    public OrSet<E> read(ByteReader in) {
        return new OrSet<>(KeyedStore.of(stores.read(in), Function.identity()));
    }

    @Override
    public int minBytes() {
        return 1;
    }
}
