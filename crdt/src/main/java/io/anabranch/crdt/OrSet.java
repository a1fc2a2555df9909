// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A set whose elements any replica may add and remove: an add wins over a remove that had not seen it.
 *
 * <p>An add gives the element a new dot in place of those it had; a remove takes away the dots it saw.
 *
 * <p>State: elements with their live dots, and all dots seen; O(elements + origins), no tombstones. Immutable. Adds,
 * removes and joins of their deltas cost O(log elements).
 *
 * <p>Source: Bieniusa et al., "An optimized conflict-free replicated set", arXiv:1210.3368, 2012.
 */
public final class OrSet<E> implements Crdt<OrSet<E>> {
    private static final OrSet<?> EMPTY = new OrSet<>(KeyedStore.empty(Function.identity()));

    private final KeyedStore<E, E> store;

    OrSet(KeyedStore<E, E> store) {
        this.store = store;
    }

    @SuppressWarnings("unchecked") // Holds nothing.
    public static <E> OrSet<E> empty() {
        return (OrSet<E>) EMPTY;
    }

    public static <E> Codec<OrSet<E>> codec(Codec<E> elements) {
        return new OrSetCodec<>(elements);
    }

    public OrSet<E> add(Origin self, E element) {
        return new OrSet<>(store.put(self, element));
    }

    /** Returns the least set that, merged into this one, gives {@link #add}. */
    public OrSet<E> addDelta(Origin self, E element) {
        return new OrSet<>(store.putDelta(self, element));
    }

    public OrSet<E> remove(E element) {
        return new OrSet<>(store.remove(element));
    }

    /** Returns the least set that, merged into this one, gives {@link #remove}. */
    public OrSet<E> removeDelta(E element) {
        return new OrSet<>(store.removeDelta(element));
    }

    /** Returns this set without any element. */
    public OrSet<E> clear() {
        return merge(clearDelta());
    }

    /** Returns the least set that, merged into this one, gives {@link #clear}. */
    public OrSet<E> clearDelta() {
        return new OrSet<>(store.clearDelta());
    }

    @Override
    public OrSet<E> merge(OrSet<E> other) {
        KeyedStore<E, E> joined = store.join(other.store, (mine, theirs) -> mine);
        return joined == store ? this : new OrSet<>(joined);
    }

    public boolean contains(E element) {
        return store.dots(element) != null;
    }

    public int size() {
        return store.size();
    }

    public boolean isEmpty() {
        return store.size() == 0;
    }

    /** Returns a copy, by ascending dot: equal sets iterate alike. */
    public Set<E> elements() {
        LinkedHashSet<E> elements = new LinkedHashSet<>();
        store.store().forEach((dot, element) -> elements.add(element));
        return Collections.unmodifiableSet(elements);
    }

    /** Returns every dot that this set has seen. */
    public CausalContext context() {
        return store.store().context();
    }

    KeyedStore<E, E> store() {
        return store;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OrSet<?> that && store.equals(that.store);
    }

    @Override
    public int hashCode() {
        return store.hashCode();
    }

    @Override
    public String toString() {
        return store.toString();
    }
}
