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
 * A flag, off at first, of which switching off wins over a concurrent switching on.
 *
 * <p>Either gives it a new dot, marked on or off, in place of those it had. It is on if it has dots and all say on.
 *
 * <p>State: live dots with their marks and all dots seen; O(origins). Immutable.
 *
 * <p>Source: Almeida, Shoker, Baquero, arXiv:1603.01529, 2016, section 7.4.
 */
public final class DwFlag implements Crdt<DwFlag> {
    public static final DwFlag OFF = new DwFlag(DotStore.empty());

    private static final Codec<DwFlag> CODEC = new Bytes();

    private final DotStore<Boolean> store;

    private DwFlag(DotStore<Boolean> store) {
        this.store = store;
    }

    public static Codec<DwFlag> codec() {
        return CODEC;
    }

    public DwFlag enable(Origin self) {
        return merge(enableDelta(self));
    }

    /** Returns the least flag that, merged into this one, gives {@link #enable}. */
    public DwFlag enableDelta(Origin self) {
        return marked(self, true);
    }

    public DwFlag disable(Origin self) {
        return merge(disableDelta(self));
    }

    /** Returns the least flag that, merged into this one, gives {@link #disable}. */
    public DwFlag disableDelta(Origin self) {
        return marked(self, false);
    }

    private DwFlag marked(Origin self, boolean on) {
        long seq = store.context().next(self).seq();
        return new DwFlag(DotStore.<Boolean>removed(store.dots()).with(self, seq, on));
    }

    @Override
    public DwFlag merge(DwFlag other) {
        DotStore<Boolean> joined = store.join(other.store, (mine, theirs) -> mine, DotStore.unheard());
        return joined == store ? this : new DwFlag(joined);
    }

    public boolean isEnabled() {
        boolean[] on = {!store.isEmpty()};
        store.forEach((dot, mark) -> on[0] &= mark);
        return on[0];
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DwFlag that && store.equals(that.store);
    }

    @Override
    public int hashCode() {
        return store.hashCode();
    }

    @Override
    public String toString() {
        return store.toString();
    }

    /** A dot store of 0 (off) and 1 (on). */
    private static final class Bytes extends TaggedCodec<DwFlag> {
        private static final DotStoreCodec<Boolean> STORES = new DotStoreCodec<>(new DotStoreCodec.EntryCodec<>() {
            @Override
            public void write(Boolean value, ByteWriter out) {
                out.u8(value ? 1 : 0);
            }

            @Override
            public Boolean read(Dot dot, ByteReader in) {
                return in.varint(0, 1, "a mark") == 1;
            }
        });

        Bytes() {
            super(TypeTag.DW_FLAG);
        }

        @Override
        public void write(DwFlag flag, ByteWriter out) {
            STORES.write(flag.store, out);
        }

        @Override
        public DwFlag read(ByteReader in) {
            return new DwFlag(STORES.read(in));
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }
}
