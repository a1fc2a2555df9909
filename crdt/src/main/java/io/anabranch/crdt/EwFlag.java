// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import org.jspecify.annotations.Nullable;

/**
 * A flag, off at first, of which switching on wins over a concurrent switching off.
 *
 * <p>On gives it a new dot in place of those it had; off takes away the dots it saw. It is on while it has one.
 *
 * <p>State: live dots and all dots seen; O(origins). Immutable.
 *
 * <p>Source: Almeida, Shoker, Baquero, arXiv:1603.01529, 2016, section 7.4.
 */
public final class EwFlag implements Crdt<EwFlag> {
    public static final EwFlag OFF = new EwFlag(DotStore.empty());

    private static final Codec<EwFlag> CODEC = new Bytes();

    private final DotStore<Boolean> store;

    private EwFlag(DotStore<Boolean> store) {
        this.store = store;
    }

    public static Codec<EwFlag> codec() {
        return CODEC;
    }

    public EwFlag enable(Origin self) {
        return merge(enableDelta(self));
    }

    /** Returns the least flag that, merged into this one, gives {@link #enable}. */
    public EwFlag enableDelta(Origin self) {
        long seq = store.context().next(self).seq();
        return new EwFlag(DotStore.<Boolean>removed(store.dots()).with(self, seq, true));
    }

    public EwFlag disable() {
        return merge(disableDelta());
    }

    /** Returns the least flag that, merged into this one, gives {@link #disable}. */
    public EwFlag disableDelta() {
        return new EwFlag(DotStore.removed(store.dots()));
    }

    @Override
    public EwFlag merge(EwFlag other) {
        DotStore<Boolean> joined = store.join(other.store, (mine, theirs) -> mine, DotStore.unheard());
        return joined == store ? this : new EwFlag(joined);
    }

    public boolean isEnabled() {
        return !store.isEmpty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EwFlag that && store.equals(that.store);
    }

    @Override
    public int hashCode() {
        return store.hashCode();
    }

    @Override
    public String toString() {
        return store.toString();
    }

    /** A dot store without values. */
    private static final class Bytes extends TaggedCodec<EwFlag> {
        private static final DotStoreCodec<Boolean> STORES = new DotStoreCodec<>(new DotStoreCodec.EntryCodec<>() {
            @Override
            public void write(Boolean value, ByteWriter out) {}

            @Override
            public Boolean read(Dot dot, ByteReader in) {
                return true;
            }
        });

        Bytes() {
            super(TypeTag.EW_FLAG);
        }

        @Override
        public void write(EwFlag flag, ByteWriter out) {
            STORES.write(flag.store, out);
        }

        @Override
        public EwFlag read(ByteReader in) {
            return new EwFlag(STORES.read(in));
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }
}
