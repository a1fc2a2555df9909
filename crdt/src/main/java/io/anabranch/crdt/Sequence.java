// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list whose items any replica may insert, move and remove: the list of a to-do app.
 *
 * <p>Every item has a place between its neighbours. Concurrent inserts at one place are all kept, each replica's run in
 * one piece. Of concurrent moves of one item the one with the higher (rank, dot) stays, so it is never there twice. A
 * remove wins over a concurrent move.
 *
 * <p>State: items by dot, each with its place, and all dots seen; O(items + origins), no tombstones; a place grows with
 * how often replicas took turns around it. Immutable. The first read of a changed list costs O(n log n). Not meant for
 * collaborative text.
 *
 * <p>Sources: Weidner and Kleppmann, arXiv:2305.00583, 2023, for places; Kleppmann, "Moving Elements in List CRDTs", PaPoC
 * 2020, for moves as last-writer-wins registers.
 */
public final class Sequence<E> implements Crdt<Sequence<E>> {
    private static final Sequence<?> EMPTY = new Sequence<>(DotStore.empty());

    private final DotStore<Item<E>> store;

    /** Follows from the store; made when first read. */
    private volatile @Nullable List<Item<E>> ordered;

    Sequence(DotStore<Item<E>> store) {
        this.store = store;
    }

    /** @param dot of the insert, which names the item */
    record Item<E>(Dot dot, E value, LwwRegister<Position> place) {
        Item<E> merge(Item<E> other) {
            LwwRegister<Position> merged = place.merge(other.place);
            return merged == place ? this : new Item<>(dot, value, merged);
        }
    }

    @SuppressWarnings("unchecked") // Holds nothing.
    public static <E> Sequence<E> empty() {
        return (Sequence<E>) EMPTY;
    }

    public static <E> Codec<Sequence<E>> codec(Codec<E> elements) {
        return new SequenceCodec<>(elements);
    }

    /** Returns this list with {@code value} at {@code index}. */
    public Sequence<E> insert(Origin self, int index, E value) {
        return merge(insertDelta(self, index, value));
    }

    /** Returns the least list that, merged into this one, gives {@link #insert}. */
    public Sequence<E> insertDelta(Origin self, int index, E value) {
        requireIndex(index, size() + 1);
        Dot dot = store.context().next(self);
        Position place = Position.between(self, placeAt(ordered(), index - 1), placeAt(ordered(), index), dot);
        Item<E> item = new Item<>(dot, value, new LwwRegister<>(dot, 0, place));
        return new Sequence<>(DotStore.<Item<E>>empty().with(self, dot.seq(), item));
    }

    /** Returns this list with the item at {@code from} moved, so that it is then at {@code to}. */
    public Sequence<E> move(Origin self, long stamp, int from, int to) {
        return merge(moveDelta(self, stamp, from, to));
    }

    /** Returns the least list that, merged into this one, gives {@link #move}. */
    public Sequence<E> moveDelta(Origin self, long stamp, int from, int to) {
        requireIndex(from, size());
        requireIndex(to, size());
        List<Item<E>> others = new ArrayList<>(ordered());
        Item<E> item = others.remove(from);
        Dot dot = store.context().next(self);
        Position place = Position.between(self, placeAt(others, to - 1), placeAt(others, to), dot);
        LwwRegister<Position> moved = item.place.write(dot, stamp, place);
        DotStore<Item<E>> delta = DotStore.<Item<E>>removed(CausalContext.of(dot))
                .with(item.dot.origin(), item.dot.seq(), new Item<>(item.dot, item.value, moved));
        return new Sequence<>(delta);
    }

    public Sequence<E> remove(int index) {
        return merge(removeDelta(index));
    }

    /** Returns the least list that, merged into this one, gives {@link #remove}. */
    public Sequence<E> removeDelta(int index) {
        requireIndex(index, size());
        return new Sequence<>(DotStore.removed(CausalContext.of(ordered().get(index).dot)));
    }

    private static void requireIndex(int index, int end) {
        if (index < 0 || index >= end) {
            throw new IndexOutOfBoundsException("index outside 0 to " + (end - 1) + ": " + index);
        }
    }

    private static <E> @Nullable Position placeAt(List<Item<E>> items, int index) {
        return index < 0 || index >= items.size()
                ? null
                : items.get(index).place.value();
    }

    @Override
    public Sequence<E> merge(Sequence<E> other) {
        DotStore<Item<E>> joined = store.join(other.store, Item::merge, DotStore.unheard());
        return joined == store ? this : new Sequence<>(joined);
    }

    /** Returns a copy. */
    public List<E> values() {
        List<E> values = new ArrayList<>();
        ordered().forEach(item -> values.add(item.value));
        return values;
    }

    public E get(int index) {
        requireIndex(index, size());
        return ordered().get(index).value;
    }

    /** Returns the name of the item at {@code index}, which it keeps wherever it moves. */
    public Dot idAt(int index) {
        requireIndex(index, size());
        return ordered().get(index).dot;
    }

    /** Returns where the item of this name is, -1 if it was removed or has not arrived. */
    public int indexOf(Dot id) {
        List<Item<E>> items = ordered();
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).dot.equals(id)) {
                return i;
            }
        }
        return -1;
    }

    public int size() {
        return ordered().size();
    }

    /** By place; equal ones, which only a replica that lost its state can make, by dot. */
    private List<Item<E>> ordered() {
        List<Item<E>> items = ordered;
        if (items == null) {
            List<Item<E>> sorted = new ArrayList<>();
            store.forEach((dot, item) -> sorted.add(item));
            sorted.sort(Comparator.<Item<E>, Position>comparing(item -> item.place.value())
                    .thenComparing(Item::dot));
            items = sorted;
            ordered = items;
        }
        return items;
    }

    DotStore<Item<E>> store() {
        return store;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Sequence<?> that && store.equals(that.store);
    }

    @Override
    public int hashCode() {
        return store.hashCode();
    }

    @Override
    public String toString() {
        return values() + " of " + store;
    }
}
