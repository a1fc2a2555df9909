// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import io.anabranch.crdt.trie.HashTrie;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A set that only grows; merging unites.
 *
 * <p>State: the elements; O(elements). Immutable. Adding costs O(log elements). Needs no origins, so anybody may add.
 *
 * <p>Source: Shapiro et al., INRIA RR-7506, 2011, section 3.3.1.
 */
public final class GSet<E> implements Crdt<GSet<E>> {
    private static final GSet<?> EMPTY = new GSet<>(HashTrie.empty());

    private final HashTrie<E, Boolean> elements;

    private GSet(HashTrie<E, Boolean> elements) {
        this.elements = elements;
    }

    @SuppressWarnings("unchecked") // Holds nothing.
    public static <E> GSet<E> empty() {
        return (GSet<E>) EMPTY;
    }

    public static <E> Codec<GSet<E>> codec(Codec<E> elements) {
        return new Bytes<>(elements);
    }

    public GSet<E> add(E element) {
        HashTrie<E, Boolean> next = elements.containsKey(element) ? elements : elements.with(element, true);
        return next == elements ? this : new GSet<>(next);
    }

    /** Returns the set of just {@code element}, which, merged into this one, gives {@link #add}. */
    public GSet<E> addDelta(E element) {
        return new GSet<>(HashTrie.of(element, true));
    }

    @Override
    public GSet<E> merge(GSet<E> other) {
        HashTrie<E, Boolean> merged = elements.merge(other.elements, (mine, theirs) -> mine);
        return merged == elements ? this : new GSet<>(merged);
    }

    public boolean contains(E element) {
        return elements.containsKey(element);
    }

    public int size() {
        return elements.size();
    }

    /** Returns a copy, in no particular order. */
    public Set<E> elements() {
        Set<E> copy = new HashSet<>();
        elements.forEach((element, present) -> copy.add(element));
        return copy;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GSet<?> that && elements.equals(that.elements);
    }

    @Override
    public int hashCode() {
        return elements.hashCode();
    }

    @Override
    public String toString() {
        return elements().toString();
    }

    /** A count; then the elements, ascending by their own bytes, compared as unsigned. */
    private static final class Bytes<E> extends TaggedCodec<GSet<E>> {
        private final Codec<E> elements;

        Bytes(Codec<E> elements) {
            super(TypeTag.G_SET, elements);
            this.elements = elements;
        }

        @Override
        public void write(GSet<E> set, ByteWriter out) {
            List<ByteString> sorted = new ArrayList<>(set.size());
            set.elements.forEach((element, present) -> sorted.add(bytesOf(element)));
            sorted.sort(null);
            out.varint(sorted.size());
            sorted.forEach(bytes -> out.raw(bytes.bytes()));
        }

        private ByteString bytesOf(E element) {
            ByteWriter out = new ByteWriter();
            elements.write(element, out);
            return new ByteString(out.toByteArray());
        }

        @Override
        public GSet<E> read(ByteReader in) {
            int count = in.count(Math.max(1, elements.minBytes()), "elements");
            HashTrie<E, Boolean> all = HashTrie.empty();
            ByteString last = null;
            for (int i = 0; i < count; i++) {
                E element = elements.read(in);
                ByteString bytes = bytesOf(element);
                if (last != null && last.compareTo(bytes) >= 0) {
                    throw in.error("an element of higher bytes before here", String.valueOf(element));
                }
                last = bytes;
                all = all.with(element, true);
            }
            return new GSet<>(all);
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }

    /** Bytes that compare as unsigned. */
    private record ByteString(byte[] bytes) implements Comparable<ByteString> {
        @Override
        public int compareTo(ByteString other) {
            int common = Math.min(bytes.length, other.bytes.length);
            for (int i = 0; i < common; i++) {
                int order = Integer.compare(bytes[i] & 0xff, other.bytes[i] & 0xff);
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(bytes.length, other.bytes.length);
        }
    }
}
