// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.SeqRanges;
import io.anabranch.crdt.trie.HashTrie;
import io.anabranch.crdt.trie.SeqTrie;
import io.anabranch.crdt.trie.SeqTrie.Part;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What each live dot stands for, and all dots ever seen. A dot that was seen and is not live was removed: that is how a
 * removal needs no tombstone. Immutable.
 *
 * <p>Source: Almeida, Shoker, Baquero, "Delta State Replicated Data Types", arXiv:1603.01529, 2016, section 7.
 */
final class DotStore<T> {
    /** Up to so many dots of an origin are looked up one by one, which costs nothing for all that is not named. */
    private static final long FEW = 16;

    private static final DotStore<?> EMPTY = new DotStore<>(HashTrie.empty(), CausalContext.EMPTY);

    /** Live dots; no origin without any. */
    private final HashTrie<Origin, SeqTrie<T>> entries;

    /** At least the live dots. */
    private final CausalContext context;

    private DotStore(HashTrie<Origin, SeqTrie<T>> entries, CausalContext context) {
        this.entries = entries;
        this.context = context;
    }

    /** Hears what a join changes. */
    interface Changes<T> {
        void removed(Origin origin, long seq, T value);

        void added(Origin origin, long seq, T value);
    }

    @SuppressWarnings("unchecked") // Holds nothing.
    static <T> DotStore<T> empty() {
        return (DotStore<T>) EMPTY;
    }

    /** Returns the store in which everything of {@code seen} was removed. */
    static <T> DotStore<T> removed(CausalContext seen) {
        return new DotStore<>(HashTrie.empty(), seen);
    }

    CausalContext context() {
        return context;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    @Nullable
    T get(Origin origin, long seq) {
        SeqTrie<T> values = entries.get(origin);
        return values == null ? null : values.get(seq);
    }

    /** Returns this store with a dot that is new, or with another value for one that is live. */
    DotStore<T> with(Origin origin, long seq, T value) {
        SeqTrie<T> values = entries.get(origin);
        SeqTrie<T> next = values == null ? SeqTrie.of(seq, value) : values.with(seq, value);
        return new DotStore<>(entries.with(origin, next), context.with(origin, SeqRanges.of(seq, seq)));
    }

    /** Returns this store with these values for the live dots of an origin that has none here, all of them seen. */
    DotStore<T> with(Origin origin, SeqTrie<T> values) {
        return new DotStore<>(replaced(entries, origin, values), context);
    }

    /** Returns this store after it saw {@code more} dots, none of them live. */
    DotStore<T> with(CausalContext more) {
        return new DotStore<>(entries, context.union(more));
    }

    /** Returns this store with a dot that is no longer live. */
    DotStore<T> without(Origin origin, long seq) {
        SeqTrie<T> values = entries.get(origin);
        if (values == null) {
            return this;
        }
        return new DotStore<>(replaced(entries, origin, values.without(seq)), context);
    }

    private static <T> HashTrie<Origin, SeqTrie<T>> replaced(
            HashTrie<Origin, SeqTrie<T>> entries, Origin origin, SeqTrie<T> values) {
        return values.isEmpty() ? entries.without(origin) : entries.with(origin, values);
    }

    /**
     * Keeps what both have, and what one has and the other never saw. Costs O(what {@code other} saw, if that is little)
     * and nothing for parts that the two share.
     *
     * @param both combines the values of a dot that both have
     */
    DotStore<T> join(DotStore<T> other, BinaryOperator<T> both, Changes<T> changes) {
        if (this == other) {
            return this;
        }
        Joining<T> joining = new Joining<>(this, other, both, changes);
        other.context.forEach(joining::origin);
        CausalContext seen = context.union(other.context);
        return joining.joined == entries && seen == context ? this : new DotStore<>(joining.joined, seen);
    }

    /** One join under way. */
    private static final class Joining<T> {
        private final DotStore<T> mine;
        private final DotStore<T> theirs;
        private final BinaryOperator<T> both;
        private final Changes<T> changes;
        private HashTrie<Origin, SeqTrie<T>> joined;

        Joining(DotStore<T> mine, DotStore<T> theirs, BinaryOperator<T> both, Changes<T> changes) {
            this.mine = mine;
            this.theirs = theirs;
            this.both = both;
            this.changes = changes;
            this.joined = mine.entries;
        }

        void origin(Origin origin, SeqRanges theySaw) {
            SeqTrie<T> here = orEmpty(mine.entries.get(origin));
            SeqTrie<T> there = orEmpty(theirs.entries.get(origin));
            if (here == there) {
                return;
            }
            SeqTrie<T> next = theySaw.count() <= FEW
                    ? few(origin, here, there, theySaw)
                    : here.join(there, new Rule(origin, mine.context.seqs(origin), theySaw));
            if (next != here) {
                joined = replaced(joined, origin, next);
            }
        }

        private SeqTrie<T> orEmpty(@Nullable SeqTrie<T> values) {
            return values == null ? SeqTrie.empty() : values;
        }

        private SeqTrie<T> few(Origin origin, SeqTrie<T> here, SeqTrie<T> there, SeqRanges theySaw) {
            SeqRanges weSaw = mine.context.seqs(origin);
            SeqTrie<T> next = here;
            for (int i = 0; i < theySaw.rangeCount(); i++) {
                for (long seq = theySaw.first(i); seq <= theySaw.last(i) && seq > 0; seq++) {
                    T ours = here.get(seq);
                    T their = there.get(seq);
                    if (ours != null && their != null) {
                        next = next.with(seq, both.apply(ours, their));
                    } else if (ours != null) {
                        changes.removed(origin, seq, ours);
                        next = next.without(seq);
                    } else if (their != null && !weSaw.contains(seq)) {
                        changes.added(origin, seq, their);
                        next = next.with(seq, their);
                    }
                }
            }
            return next;
        }

        /** The same for many dots, whole ranges at a time. */
        private final class Rule implements SeqTrie.Joiner<T> {
            private final Origin origin;
            private final SeqRanges weSaw;
            private final SeqRanges theySaw;

            Rule(Origin origin, SeqRanges weSaw, SeqRanges theySaw) {
                this.origin = origin;
                this.weSaw = weSaw;
                this.theySaw = theySaw;
            }

            @Override
            public T both(long seq, T ours, T their) {
                return both.apply(ours, their);
            }

            @Override
            public Part mine(long first, long last) {
                return notIn(theySaw, first, last);
            }

            @Override
            public Part theirs(long first, long last) {
                return notIn(weSaw, first, last);
            }

            private Part notIn(SeqRanges seen, long first, long last) {
                if (!seen.containsAny(first, last)) {
                    return Part.ALL;
                }
                return seen.containsAll(Math.max(1, first), last) ? Part.NONE : Part.SOME;
            }

            @Override
            public void removed(long seq, T value) {
                changes.removed(origin, seq, value);
            }

            @Override
            public void added(long seq, T value) {
                changes.added(origin, seq, value);
            }
        }
    }

    /** By ascending dot. */
    void forEach(BiConsumer<Dot, T> action) {
        TreeMap<Origin, SeqTrie<T>> sorted = new TreeMap<>();
        entries.forEach(sorted::put);
        sorted.forEach((origin, values) -> values.forEach((seq, value) -> action.accept(new Dot(origin, seq), value)));
    }

    /** Returns what {@code origin}'s dots stand for. */
    SeqTrie<T> values(Origin origin) {
        SeqTrie<T> values = entries.get(origin);
        return values == null ? SeqTrie.empty() : values;
    }

    /** Returns the live dots. */
    CausalContext dots() {
        CausalContext[] dots = {CausalContext.EMPTY};
        entries.forEach((origin, values) ->
                values.forEach((seq, value) -> dots[0] = dots[0].with(origin, SeqRanges.of(seq, seq))));
        return dots[0];
    }

    static <T> Changes<T> unheard() {
        return new Changes<>() {
            @Override
            public void removed(Origin origin, long seq, T value) {}

            @Override
            public void added(Origin origin, long seq, T value) {}
        };
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DotStore<?> that && context.equals(that.context) && entries.equals(that.entries);
    }

    @Override
    public int hashCode() {
        return 31 * entries.hashCode() + context.hashCode();
    }

    /** Returns the live dots with their values, and everything seen. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        forEach((dot, value) -> text.append(text.length() == 1 ? "" : ", ")
                .append(dot)
                .append('=')
                .append(value));
        return text.append("} of ").append(context).toString();
    }
}
