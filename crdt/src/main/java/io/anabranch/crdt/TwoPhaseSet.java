// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A set from which elements can be removed once and for all: what was removed never comes back.
 *
 * <p>It is two sets that only grow, the added and the removed; an element is in it if it was added and not removed. A
 * remove wins over every add, before, after or concurrent.
 *
 * <p>State: every element ever added or removed; never shrinks. Immutable. Edits cost O(log elements).
 *
 * <p>Source: Shapiro et al., INRIA RR-7506, 2011, section 3.3.2.
 */
public final class TwoPhaseSet<E> implements Crdt<TwoPhaseSet<E>> {
    private static final TwoPhaseSet<?> EMPTY = new TwoPhaseSet<>(GSet.empty(), GSet.empty());

    private final GSet<E> added;
    private final GSet<E> removed;

    private TwoPhaseSet(GSet<E> added, GSet<E> removed) {
        this.added = added;
        this.removed = removed;
    }

    @SuppressWarnings("unchecked") // Holds nothing.
    public static <E> TwoPhaseSet<E> empty() {
        return (TwoPhaseSet<E>) EMPTY;
    }

    public static <E> Codec<TwoPhaseSet<E>> codec(Codec<E> elements) {
        return new Bytes<>(elements);
    }

    public TwoPhaseSet<E> add(E element) {
        return merge(addDelta(element));
    }

    /** Returns the least set that, merged into this one, gives {@link #add}. */
    public TwoPhaseSet<E> addDelta(E element) {
        return new TwoPhaseSet<>(added.addDelta(element), GSet.empty());
    }

    public TwoPhaseSet<E> remove(E element) {
        return merge(removeDelta(element));
    }

    /** Returns the least set that, merged into this one, gives {@link #remove}. */
    public TwoPhaseSet<E> removeDelta(E element) {
        return new TwoPhaseSet<>(GSet.empty(), removed.addDelta(element));
    }

    @Override
    public TwoPhaseSet<E> merge(TwoPhaseSet<E> other) {
        return new TwoPhaseSet<>(added.merge(other.added), removed.merge(other.removed));
    }

    public boolean contains(E element) {
        return added.contains(element) && !removed.contains(element);
    }

    /** Returns a copy, in no particular order. */
    public Set<E> elements() {
        Set<E> elements = new HashSet<>(added.elements());
        elements.removeIf(removed::contains);
        return elements;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TwoPhaseSet<?> that && added.equals(that.added) && removed.equals(that.removed);
    }

    @Override
    public int hashCode() {
        return 31 * added.hashCode() + removed.hashCode();
    }

    @Override
    public String toString() {
        return added + " without " + removed;
    }

    /** The added, then the removed, each as a set that only grows. */
    private static final class Bytes<E> extends TaggedCodec<TwoPhaseSet<E>> {
        private final Codec<GSet<E>> sets;

        Bytes(Codec<E> elements) {
            super(TypeTag.TWO_PHASE_SET, elements);
            this.sets = GSet.codec(elements);
        }

        @Override
        public void write(TwoPhaseSet<E> set, ByteWriter out) {
            sets.write(set.added, out);
            sets.write(set.removed, out);
        }

        @Override
        public TwoPhaseSet<E> read(ByteReader in) {
            GSet<E> added = sets.read(in);
            return new TwoPhaseSet<>(added, sets.read(in));
        }

        @Override
        public int minBytes() {
            return 2;
        }
    }
}
