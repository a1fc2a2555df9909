// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.SeqRanges;
import io.anabranch.crdt.codec.Ascending;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.trie.SeqTrie;

/**
 * A count of origins; of each, by ascending origin: the origin, the ranges of seqs seen (as in a causal context), a count
 * of live dots, and of each, ascending, the distance from the one before and the value.
 */
final class DotStoreCodec<T> {
    private final EntryCodec<T> values;

    DotStoreCodec(EntryCodec<T> values) {
        this.values = values;
    }

    /** Writes what a dot stands for. */
    interface EntryCodec<T> {
        void write(T value, ByteWriter out);

        T read(Dot dot, ByteReader in);

        static <T> EntryCodec<T> of(Codec<T> codec) {
            return new EntryCodec<>() {
                @Override
                public void write(T value, ByteWriter out) {
                    codec.write(value, out);
                }

                @Override
                public T read(Dot dot, ByteReader in) {
                    return codec.read(in);
                }
            };
        }
    }

    void write(DotStore<T> store, ByteWriter out) {
        out.varint(store.context().size());
        store.context().forEachSorted((origin, seen) -> {
            out.origin(origin);
            Codecs.writeRanges(seen, out);
            SeqTrie<T> live = store.values(origin);
            out.varint(live.size());
            long[] last = {0};
            live.forEach((seq, value) -> {
                out.varint(seq - last[0] - 1);
                values.write(value, out);
                last[0] = seq;
            });
        });
    }

    DotStore<T> read(ByteReader in) {
        int count = in.count(Origin.SIZE_BYTES + 4, "origins");
        DotStore<T> store = DotStore.empty();
        Ascending<Origin> origins = new Ascending<>("origin");
        for (int i = 0; i < count; i++) {
            Origin origin = origins.next(in, in.origin());
            SeqRanges seen = Codecs.readRanges(in);
            store = readLive(store.with(CausalContext.EMPTY.with(origin, seen)), origin, seen, in);
        }
        return store;
    }

    private DotStore<T> readLive(DotStore<T> store, Origin origin, SeqRanges seen, ByteReader in) {
        int count = in.count(1, "live dots");
        SeqTrie<T> live = SeqTrie.empty();
        long last = 0;
        for (int i = 0; i < count; i++) {
            long seq = last + 1 + in.varint(0, Long.MAX_VALUE - 1 - last, "the distance of a dot");
            if (!seen.contains(seq)) {
                throw in.error("a live dot among those seen before here", origin + ":" + seq);
            }
            live = live.with(seq, values.read(new Dot(origin, seq), in));
            last = seq;
        }
        return store.with(origin, live);
    }
}
