// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.trie.HashTrie;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A dot store whose values have keys, and the live dots of each key. Puts and removes replace what a key had; both, and
 * the join of what they changed, cost O(log n). Immutable.
 */
final class KeyedStore<K, T> {
    private final DotStore<T> store;

    /** Follows from the store; no key without dots. */
    private final HashTrie<K, LiveDots> dots;

    private final Function<T, K> keyOf;

    private KeyedStore(DotStore<T> store, HashTrie<K, LiveDots> dots, Function<T, K> keyOf) {
        this.store = store;
        this.dots = dots;
        this.keyOf = keyOf;
    }

    static <K, T> KeyedStore<K, T> empty(Function<T, K> keyOf) {
        return new KeyedStore<>(DotStore.empty(), HashTrie.empty(), keyOf);
    }

    static <K, T> KeyedStore<K, T> of(DotStore<T> store, Function<T, K> keyOf) {
        List<Dot> dots = new ArrayList<>();
        List<T> values = new ArrayList<>();
        store.forEach((dot, value) -> {
            dots.add(dot);
            values.add(value);
        });
        Index<K, T> index = new Index<>(HashTrie.empty(), keyOf);
        // Backwards, so that each dot comes before the others of its key, however many there are.
        for (int i = dots.size() - 1; i >= 0; i--) {
            index.added(dots.get(i).origin(), dots.get(i).seq(), values.get(i));
        }
        return new KeyedStore<>(store, index.dots, keyOf);
    }

    DotStore<T> store() {
        return store;
    }

    int size() {
        return dots.size();
    }

    @Nullable
    LiveDots dots(K key) {
        return dots.get(key);
    }

    T value(LiveDots dot) {
        T value = store.get(dot.origin, dot.seq);
        if (value == null) {
            throw new AssertionError("indexed and not there: " + dot.dot());
        }
        return value;
    }

    /** Returns this with a new dot of {@code self} in place of all dots of the value's key. */
    KeyedStore<K, T> put(Origin self, T value) {
        K key = keyOf.apply(value);
        Dot dot = store.context().next(self);
        DotStore<T> next = withoutDots(dots.get(key)).with(self, dot.seq(), value);
        return new KeyedStore<>(next, dots.with(key, new LiveDots(self, dot.seq(), null)), keyOf);
    }

    /** Returns what, joined into this, gives {@link #put}. */
    KeyedStore<K, T> putDelta(Origin self, T value) {
        K key = keyOf.apply(value);
        Dot dot = store.context().next(self);
        DotStore<T> delta = DotStore.<T>removed(LiveDots.context(dots.get(key))).with(self, dot.seq(), value);
        return new KeyedStore<>(delta, HashTrie.of(key, new LiveDots(self, dot.seq(), null)), keyOf);
    }

    KeyedStore<K, T> remove(K key) {
        LiveDots replaced = dots.get(key);
        return replaced == null ? this : new KeyedStore<>(withoutDots(replaced), dots.without(key), keyOf);
    }

    /** Returns what, joined into this, gives {@link #remove}. */
    KeyedStore<K, T> removeDelta(K key) {
        return removed(LiveDots.context(dots.get(key)));
    }

    /** Returns what, joined into this, removes everything here. */
    KeyedStore<K, T> clearDelta() {
        return removed(store.dots());
    }

    private KeyedStore<K, T> removed(CausalContext seen) {
        return new KeyedStore<>(DotStore.removed(seen), HashTrie.empty(), keyOf);
    }

    /** Returns this with another value, of the same key, for a dot that is live. */
    KeyedStore<K, T> replace(LiveDots dot, T value) {
        return new KeyedStore<>(store.with(dot.origin, dot.seq, value), dots, keyOf);
    }

    /** Returns what, joined into this, combines {@code value} with that of a live dot. */
    KeyedStore<K, T> replaceDelta(LiveDots dot, T value) {
        DotStore<T> delta = DotStore.<T>empty().with(dot.origin, dot.seq, value);
        return new KeyedStore<>(delta, HashTrie.of(keyOf.apply(value), new LiveDots(dot.origin, dot.seq, null)), keyOf);
    }

    private DotStore<T> withoutDots(@Nullable LiveDots removed) {
        DotStore<T> next = store;
        for (LiveDots dot = removed; dot != null; dot = dot.next) {
            next = next.without(dot.origin, dot.seq);
        }
        return next;
    }

    KeyedStore<K, T> join(KeyedStore<K, T> other, BinaryOperator<T> both) {
        if (store.context().isEmpty()) {
            return other;
        }
        Index<K, T> index = new Index<>(dots, keyOf);
        DotStore<T> joined = store.join(other.store, both, index);
        return joined == store ? this : new KeyedStore<>(joined, index.dots, keyOf);
    }

    /** The live dots of each key while a join changes them. */
    private static final class Index<K, T> implements DotStore.Changes<T> {
        private HashTrie<K, LiveDots> dots;
        private final Function<T, K> keyOf;

        Index(HashTrie<K, LiveDots> dots, Function<T, K> keyOf) {
            this.dots = dots;
            this.keyOf = keyOf;
        }

        @Override
        public void removed(Origin origin, long seq, T value) {
            K key = keyOf.apply(value);
            LiveDots rest = LiveDots.without(dots.get(key), origin, seq);
            dots = rest == null ? dots.without(key) : dots.with(key, rest);
        }

        @Override
        public void added(Origin origin, long seq, T value) {
            K key = keyOf.apply(value);
            dots = dots.with(key, LiveDots.with(dots.get(key), origin, seq));
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyedStore<?, ?> that && store.equals(that.store);
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
