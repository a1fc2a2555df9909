// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import java.util.ArrayList;
import java.util.List;

/**
 * A dot store of items: the value, the dot and rank of the last move, a count of steps and the steps. A step is a byte
 * (1: hangs on the right; 2: a run of the item's origin), the run's origin unless it is that, its seq, and the index.
 * The dot of the last move is written likewise, after a byte that is 2 or 0.
 */
final class SequenceCodec<E> extends TaggedCodec<Sequence<E>> {
    private static final int RIGHT = 1;
    private static final int SAME_ORIGIN = 2;

    private final DotStoreCodec<Sequence.Item<E>> stores;

    SequenceCodec(Codec<E> elements) {
        super(TypeTag.SEQUENCE, elements);
        this.stores = new DotStoreCodec<>(new Items<>(elements));
    }

    @Override
    public void write(Sequence<E> sequence, ByteWriter out) {
        stores.write(sequence.store(), out);
    }

    @Override
    public Sequence<E> read(ByteReader in) {
        return new Sequence<>(stores.read(in));
    }

    @Override
    public int minBytes() {
        return 1;
    }

    private record Items<E>(Codec<E> elements) implements DotStoreCodec.EntryCodec<Sequence.Item<E>> {
        @Override
        public void write(Sequence.Item<E> item, ByteWriter out) {
            elements.write(item.value(), out);
            Origin own = item.dot().origin();
            LwwRegister<Position> place = item.place();
            writeDot(0, place.dot(), own, out);
            out.varint(place.rank());
            out.varint(place.value().steps().size());
            for (Position.Step step : place.value().steps()) {
                writeDot(step.right() ? RIGHT : 0, step.run(), own, out);
                out.zigzag(step.index());
            }
        }

        private static void writeDot(int flags, Dot dot, Origin own, ByteWriter out) {
            boolean same = dot.origin().equals(own);
            out.u8(flags | (same ? SAME_ORIGIN : 0));
            if (!same) {
                out.origin(dot.origin());
            }
            out.varint(dot.seq());
        }

        @Override
        public Sequence.Item<E> read(Dot dot, ByteReader in) {
            E value = elements.read(in);
            int flags = (int) in.varint(0, SAME_ORIGIN, "the flags of a move");
            if (flags == RIGHT) {
                throw in.error("0 or 2 as the flags of a move before here", "1");
            }
            Dot moved = readDot(flags, dot.origin(), in);
            long rank = in.varint(0, Long.MAX_VALUE, "a rank");
            int count = in.count(3, "steps");
            if (count == 0) {
                throw in.error("a step before here", "none");
            }
            List<Position.Step> steps = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                int side = (int) in.varint(0, RIGHT | SAME_ORIGIN, "the flags of a step");
                Dot run = readDot(side, dot.origin(), in);
                steps.add(new Position.Step((side & RIGHT) != 0, run, in.zigzag()));
            }
            return new Sequence.Item<>(dot, value, new LwwRegister<>(moved, rank, new Position(steps)));
        }

        private static Dot readDot(int flags, Origin own, ByteReader in) {
            Origin origin = own;
            if ((flags & SAME_ORIGIN) == 0) {
                origin = in.origin();
                if (origin.equals(own)) {
                    throw in.error("an origin other than the item's before here", origin.toString());
                }
            }
            return new Dot(origin, in.varint(1, Long.MAX_VALUE, "a seq"));
        }
    }
}
