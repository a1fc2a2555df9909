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
 * A map whose values are conflict-free types, maps among them.
 *
 * <p>The first update of an absent key begins a life of it, named by a new dot; later updates go into that life. A
 * remove ends the lives that it saw, with whatever is concurrently written into them; a key that was concurrently
 * added lives on. So a key that is added again starts empty, and no counter remembers what was removed with it.
 *
 * <p>Replicas that add one key concurrently begin two lives, which show merged. In each life a replica writes under a
 * name of its own, {@link Origin#within}, so that no two lives ever disagree on what one origin wrote: their counters add
 * up.
 *
 * <p>State: per key its lives with their values, and all dots seen; O(keys + origins), no tombstones. Immutable. Updates,
 * removes and joins of their deltas cost O(log keys) and the cost of the value.
 *
 * <p>Sources: the map of Almeida, Shoker, Baquero, arXiv:1603.01529, 2016, section 7.5, with the lives of {@link RowLives}
 * under {@link DeletePolicy#DELETE_WINS} in place of shared dots.
 */
public final class OrMap<K, C extends Crdt<C>> implements Crdt<OrMap<K, C>> {
    private static final OrMap<?, ?> EMPTY = OrMap.<Object, GCounter>none();

    private final KeyedStore<K, Entry<K, C>> store;

    private OrMap(KeyedStore<K, Entry<K, C>> store) {
        this.store = store;
    }

    /** One life of a key. */
    private record Entry<K, C extends Crdt<C>>(K key, C value) {
        Entry<K, C> merge(Entry<K, C> other) {
            C merged = value.merge(other.value);
            return merged == value ? this : new Entry<>(key, merged);
        }
    }

    /** What an update does to the value of a key. */
    @FunctionalInterface
    public interface Update<C> {
        /**
         * Returns a state to merge into the value: best the delta of an edit, else the edited value.
         *
         * @param value null if the key is absent
         * @param self who the editor is within this value, to be used in place of its own origin
         */
        C apply(@Nullable C value, Origin self);
    }

    private static <K, C extends Crdt<C>> OrMap<K, C> none() {
        return new OrMap<>(KeyedStore.empty(Entry::key));
    }

    @SuppressWarnings("unchecked") // Holds nothing of either type.
    public static <K, C extends Crdt<C>> OrMap<K, C> empty() {
        return (OrMap<K, C>) EMPTY;
    }

    public static <K, C extends Crdt<C>> Codec<OrMap<K, C>> codec(Codec<K> keys, Codec<C> values) {
        return new Bytes<>(keys, values);
    }

    public OrMap<K, C> update(Origin self, K key, Update<C> update) {
        LiveDots life = store.dots(key);
        if (life == null) {
            return new OrMap<>(store.put(self, first(self, key, update)));
        }
        Entry<K, C> entry = store.value(life);
        return new OrMap<>(store.replace(life, entry.merge(next(self, key, life, update))));
    }

    /** Returns the least map that, merged into this one, gives {@link #update}, if the update answers with a delta. */
    public OrMap<K, C> updateDelta(Origin self, K key, Update<C> update) {
        LiveDots life = store.dots(key);
        return new OrMap<>(
                life == null
                        ? store.putDelta(self, first(self, key, update))
                        : store.replaceDelta(life, next(self, key, life, update)));
    }

    private Entry<K, C> first(Origin self, K key, Update<C> update) {
        Dot life = store.store().context().next(self);
        return new Entry<>(key, update.apply(null, self.within(life)));
    }

    private Entry<K, C> next(Origin self, K key, LiveDots life, Update<C> update) {
        return new Entry<>(key, update.apply(get(key), self.within(life.dot())));
    }

    public OrMap<K, C> remove(K key) {
        return new OrMap<>(store.remove(key));
    }

    /** Returns the least map that, merged into this one, gives {@link #remove}. */
    public OrMap<K, C> removeDelta(K key) {
        return new OrMap<>(store.removeDelta(key));
    }

    @Override
    public OrMap<K, C> merge(OrMap<K, C> other) {
        KeyedStore<K, Entry<K, C>> joined = store.join(other.store, Entry::merge);
        return joined == store ? this : new OrMap<>(joined);
    }

    /** Returns the value of {@code key}: its lives, merged. Null if it is absent. */
    public @Nullable C get(K key) {
        C value = null;
        for (LiveDots life = store.dots(key); life != null; life = life.next) {
            C each = store.value(life).value;
            value = value == null ? each : value.merge(each);
        }
        return value;
    }

    public boolean containsKey(K key) {
        return store.dots(key) != null;
    }

    public int size() {
        return store.size();
    }

    /** Returns a copy, by ascending dot: equal maps iterate alike. */
    public Set<K> keys() {
        LinkedHashSet<K> keys = new LinkedHashSet<>();
        store.store().forEach((dot, entry) -> keys.add(entry.key));
        return Collections.unmodifiableSet(keys);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OrMap<?, ?> that && store.equals(that.store);
    }

    @Override
    public int hashCode() {
        return store.hashCode();
    }

    @Override
    public String toString() {
        return store.toString();
    }

    /** A dot store of keys and values. */
    private static final class Bytes<K, C extends Crdt<C>> extends TaggedCodec<OrMap<K, C>> {
        private final DotStoreCodec<Entry<K, C>> stores;

        Bytes(Codec<K> keys, Codec<C> values) {
            super(TypeTag.OR_MAP, keys, values);
            this.stores = new DotStoreCodec<>(new DotStoreCodec.EntryCodec<>() {
                @Override
                public void write(Entry<K, C> entry, ByteWriter out) {
                    keys.write(entry.key, out);
                    values.write(entry.value, out);
                }

                @Override
                public Entry<K, C> read(Dot dot, ByteReader in) {
                    K key = keys.read(in);
                    return new Entry<>(key, values.read(in));
                }
            });
        }

        @Override
        public void write(OrMap<K, C> map, ByteWriter out) {
            stores.write(map.store.store(), out);
        }

        @Override
        public OrMap<K, C> read(ByteReader in) {
            return new OrMap<>(KeyedStore.of(stores.read(in), Entry::key));
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }
}
