// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

import io.anabranch.crdt.trie.HashTrie;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A set of dots that may have gaps: what a replica has seen while deltas arrive in any order. It is a version vector and
 * a cloud of dots beyond it; a dot that closes a gap folds the cloud into the vector.
 *
 * <p>State: the ranges of seqs of each origin; O(origins + gaps), where gaps last no longer than deltas are late.
 * Immutable. A dot more costs O(log origins + gaps of its origin).
 *
 * <p>Source: Almeida, Shoker, Baquero, "Delta State Replicated Data Types", arXiv:1603.01529, 2016, section 7.2.
 */
public final class CausalContext {
    public static final CausalContext EMPTY = new CausalContext(HashTrie.empty());

    private final HashTrie<Origin, SeqRanges> seqs;

    private CausalContext(HashTrie<Origin, SeqRanges> seqs) {
        this.seqs = seqs;
    }

    public static CausalContext of(Dot dot) {
        return new CausalContext(HashTrie.of(dot.origin(), SeqRanges.of(dot.seq(), dot.seq())));
    }

    public static CausalContext of(Iterable<Dot> dots) {
        CausalContext context = EMPTY;
        for (Dot dot : dots) {
            context = context.with(dot);
        }
        return context;
    }

    /** Returns the context without gaps that {@code vector} describes. */
    public static CausalContext of(VersionVector vector) {
        CausalContext context = EMPTY;
        for (VersionVector.Range range : vector.minus(VersionVector.EMPTY)) {
            context = context.with(range.origin(), SeqRanges.of(range.first(), range.last()));
        }
        return context;
    }

    public CausalContext with(Dot dot) {
        return with(dot.origin(), SeqRanges.of(dot.seq(), dot.seq()));
    }

    public CausalContext with(Origin origin, SeqRanges more) {
        SeqRanges mine = seqs.get(origin);
        SeqRanges next = mine == null ? more : mine.union(more);
        return next == mine || next.rangeCount() == 0 ? this : new CausalContext(seqs.with(origin, next));
    }

    /** Returns what is in either; this if that is all here. Costs O(the smaller) and little for what both share. */
    public CausalContext union(CausalContext other) {
        HashTrie<Origin, SeqRanges> next = seqs.merge(other.seqs, SeqRanges::union);
        return next == seqs ? this : new CausalContext(next);
    }

    public boolean contains(Dot dot) {
        return seqs(dot.origin()).contains(dot.seq());
    }

    /** Returns the dot that {@code origin} would use next: one above all of its own here. */
    public Dot next(Origin origin) {
        return new Dot(origin, Math.addExact(seqs(origin).highest(), 1));
    }

    /** Returns the seqs of one origin. */
    public SeqRanges seqs(Origin origin) {
        SeqRanges ranges = seqs.get(origin);
        return ranges == null ? SeqRanges.EMPTY : ranges;
    }

    /** Returns the largest version vector of which everything is here. */
    public VersionVector vector() {
        TreeMap<Origin, Long> entries = new TreeMap<>();
        seqs.forEach((origin, ranges) -> entries.put(origin, ranges.prefix()));
        return VersionVector.of(entries);
    }

    /** Returns what is beyond {@link #vector()}, by ascending origin. */
    public List<VersionVector.Range> cloud() {
        List<VersionVector.Range> cloud = new ArrayList<>();
        forEachSorted((origin, ranges) -> {
            for (int i = ranges.prefix() == 0 ? 0 : 1; i < ranges.rangeCount(); i++) {
                cloud.add(new VersionVector.Range(origin, ranges.first(i), ranges.last(i)));
            }
        });
        return cloud;
    }

    /** Returns how many origins there are. */
    public int size() {
        return seqs.size();
    }

    public boolean isEmpty() {
        return seqs.isEmpty();
    }

    /** In no particular order. */
    public void forEach(BiConsumer<Origin, SeqRanges> action) {
        seqs.forEach(action);
    }

    /** By ascending origin. */
    public void forEachSorted(BiConsumer<Origin, SeqRanges> action) {
        TreeMap<Origin, SeqRanges> sorted = new TreeMap<>();
        seqs.forEach(sorted::put);
        sorted.forEach(action);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CausalContext that && seqs.equals(that.seqs);
    }

    @Override
    public int hashCode() {
        return seqs.hashCode();
    }

    /** Returns the seqs of each origin, by ascending origin. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        forEachSorted((origin, ranges) -> text.append(text.length() == 1 ? "" : ", ")
                .append(origin)
                .append('=')
                .append(ranges));
        return text.append('}').toString();
    }
}
