// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A set whose elements any replica may add and remove: a remove wins over an add that had not seen it.
 *
 * <p>Either gives the element a new dot, marked added or removed, in place of those it had. The element is in the set if
 * it has dots and all say added.
 *
 * <p>State: every element ever added or removed, with its live dots, and all dots seen; O(elements ever named). Immutable.
 * Edits and joins of their deltas cost O(log elements).
 *
 * <p>Source: Almeida, Shoker, Baquero, arXiv:1603.01529, 2016, section 7.4.
 */
public final class RwSet<E> implements Crdt<RwSet<E>> {
    private static final RwSet<?> EMPTY = new RwSet<>(KeyedStore.empty(Mark::element));

    private final KeyedStore<E, Mark<E>> store;

    private RwSet(KeyedStore<E, Mark<E>> store) {
        this.store = store;
    }

    private record Mark<E>(E element, boolean added) {}

    @SuppressWarnings("unchecked") // Holds nothing.
    public static <E> RwSet<E> empty() {
        return (RwSet<E>) EMPTY;
    }

    public static <E> Codec<RwSet<E>> codec(Codec<E> elements) {
        return new Bytes<>(elements);
    }

    public RwSet<E> add(Origin self, E element) {
        return new RwSet<>(store.put(self, new Mark<>(element, true)));
    }

    /** Returns the least set that, merged into this one, gives {@link #add}. */
    public RwSet<E> addDelta(Origin self, E element) {
        return new RwSet<>(store.putDelta(self, new Mark<>(element, true)));
    }

    /** Returns this set without {@code element}, also where it is added concurrently. */
    public RwSet<E> remove(Origin self, E element) {
        return new RwSet<>(store.put(self, new Mark<>(element, false)));
    }

    /** Returns the least set that, merged into this one, gives {@link #remove}. */
    public RwSet<E> removeDelta(Origin self, E element) {
        return new RwSet<>(store.putDelta(self, new Mark<>(element, false)));
    }

    @Override
    public RwSet<E> merge(RwSet<E> other) {
        KeyedStore<E, Mark<E>> joined = store.join(other.store, (mine, theirs) -> mine);
        return joined == store ? this : new RwSet<>(joined);
    }

    public boolean contains(E element) {
        LiveDots dots = store.dots(element);
        boolean added = dots != null;
        for (LiveDots dot = dots; dot != null; dot = dot.next) {
            added &= store.value(dot).added;
        }
        return added;
    }

    /** Returns a copy, by ascending dot: equal sets iterate alike. */
    public Set<E> elements() {
        LinkedHashSet<E> elements = new LinkedHashSet<>();
        store.store().forEach((dot, mark) -> {
            if (contains(mark.element)) {
                elements.add(mark.element);
            }
        });
        return Collections.unmodifiableSet(elements);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RwSet<?> that && store.equals(that.store);
    }

    @Override
    public int hashCode() {
        return store.hashCode();
    }

    @Override
    public String toString() {
        return store.toString();
    }

    /** A dot store of 0 (removed) or 1 (added) and the element. */
    private static final class Bytes<E> extends TaggedCodec<RwSet<E>> {
        private final DotStoreCodec<Mark<E>> stores;

        Bytes(Codec<E> elements) {
            super(TypeTag.RW_SET, elements);
            this.stores = new DotStoreCodec<>(new DotStoreCodec.EntryCodec<>() {
                @Override
                public void write(Mark<E> mark, ByteWriter out) {
                    out.u8(mark.added ? 1 : 0);
                    elements.write(mark.element, out);
                }

                @Override
                public Mark<E> read(Dot dot, ByteReader in) {
                    boolean added = in.varint(0, 1, "a mark") == 1;
                    return new Mark<>(elements.read(in), added);
                }
            });
        }

        @Override
        public void write(RwSet<E> set, ByteWriter out) {
            stores.write(set.store.store(), out);
        }

        @Override
        public RwSet<E> read(ByteReader in) {
            return new RwSet<>(KeyedStore.of(stores.read(in), Mark::element));
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }
}
