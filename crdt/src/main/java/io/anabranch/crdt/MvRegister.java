// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value of which concurrent writes are all kept, as siblings, until a write that saw them replaces them.
 *
 * <p>What to show is the business of a {@link Resolver}.
 *
 * <p>State: the siblings by dot, each with its rank, and all dots seen; O(siblings + origins). Immutable if values are.
 *
 * <p>Source: Shapiro et al., INRIA RR-7506, 2011, section 3.2.2; Almeida et al., arXiv:1603.01529, section 7.4.
 */
public final class MvRegister<V> implements Crdt<MvRegister<V>> {
    private static final MvRegister<?> EMPTY = new MvRegister<>(DotStore.empty());

    private final DotStore<LwwRegister<V>> store;

    private MvRegister(DotStore<LwwRegister<V>> store) {
        this.store = store;
    }

    @SuppressWarnings("unchecked") // Holds nothing.
    public static <V> MvRegister<V> empty() {
        return (MvRegister<V>) EMPTY;
    }

    public static <V> Codec<MvRegister<V>> codec(Codec<V> values) {
        return new Bytes<>(values);
    }

    /** Returns this register after a write that replaces all siblings here. */
    public MvRegister<V> write(Origin self, long stamp, V value) {
        return merge(writeDelta(self, stamp, value));
    }

    /** Returns the least register that, merged into this one, gives {@link #write}. */
    public MvRegister<V> writeDelta(Origin self, long stamp, V value) {
        Dot dot = store.context().next(self);
        long rank = stamp;
        for (LwwRegister<V> sibling : siblings()) {
            rank = HybridTime.rank(rank, sibling.rank());
        }
        LwwRegister<V> written = new LwwRegister<>(dot, rank, value);
        return new MvRegister<>(DotStore.<LwwRegister<V>>removed(store.dots()).with(self, dot.seq(), written));
    }

    @Override
    public MvRegister<V> merge(MvRegister<V> other) {
        DotStore<LwwRegister<V>> joined = store.join(other.store, (mine, theirs) -> mine, DotStore.unheard());
        return joined == store ? this : new MvRegister<>(joined);
    }

    /** Returns the concurrent values, by ascending dot; none before the first write. */
    public List<LwwRegister<V>> siblings() {
        List<LwwRegister<V>> siblings = new ArrayList<>();
        store.forEach((dot, sibling) -> siblings.add(sibling));
        return siblings;
    }

    /** Returns what {@code resolver} makes of the siblings, null if there are none. */
    public @Nullable V resolve(Resolver<V> resolver) {
        return store.isEmpty() ? null : resolver.resolve(siblings());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MvRegister<?> that && store.equals(that.store);
    }

    @Override
    public int hashCode() {
        return store.hashCode();
    }

    @Override
    public String toString() {
        return store.toString();
    }

    /** A dot store of ranks and values. */
    private static final class Bytes<V> extends TaggedCodec<MvRegister<V>> {
        private final DotStoreCodec<LwwRegister<V>> stores;

        Bytes(Codec<V> values) {
            super(TypeTag.MV_REGISTER, values);
            this.stores = new DotStoreCodec<>(new DotStoreCodec.EntryCodec<>() {
                @Override
                public void write(LwwRegister<V> sibling, ByteWriter out) {
                    out.varint(sibling.rank());
                    values.write(sibling.value(), out);
                }

                @Override
                public LwwRegister<V> read(Dot dot, ByteReader in) {
                    long rank = in.varint(0, Long.MAX_VALUE, "a rank");
                    return new LwwRegister<>(dot, rank, values.read(in));
                }
            });
        }

        @Override
        public void write(MvRegister<V> register, ByteWriter out) {
            stores.write(register.store, out);
        }

        @Override
        public MvRegister<V> read(ByteReader in) {
            return new MvRegister<>(stores.read(in));
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }
}
