// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * For each origin, the highest seq of which <em>all</em> lower ones are included too. Origins that are absent stand at
 * zero.
 *
 * <p>State: one entry per origin ever seen, sorted by origin; never shrinks. Look-ups cost O(log origins), everything
 * that returns a vector O(origins). Immutable.
 *
 * <p>Source: Parker et al., "Detection of Mutual Inconsistency in Distributed Systems", IEEE TSE 9(3), 1983.
 */
public final class VersionVector {
    public static final VersionVector EMPTY = new VersionVector(new TreeMap<>());

    private final SortedMap<Origin, Long> entries;

    private VersionVector(SortedMap<Origin, Long> entries) {
        this.entries = entries;
    }

    /** Returns the vector of these entries. Zeros are dropped; negative ones are refused. */
    public static VersionVector of(Map<Origin, Long> entries) {
        TreeMap<Origin, Long> copy = new TreeMap<>();
        entries.forEach((origin, seq) -> {
            if (seq < 0) {
                throw new IllegalArgumentException("seq < 0 for " + origin + ": " + seq);
            }
            if (seq > 0) {
                copy.put(origin, seq);
            }
        });
        return copy.isEmpty() ? EMPTY : new VersionVector(copy);
    }

    /** Returns this vector with {@code origin} raised to {@code seq}, or this one if it is there already. */
    public VersionVector with(Origin origin, long seq) {
        if (get(origin) >= seq) {
            return this;
        }
        TreeMap<Origin, Long> next = new TreeMap<>(entries);
        next.put(origin, seq);
        return new VersionVector(next);
    }

    /** Returns the least vector that includes both. */
    public VersionVector union(VersionVector other) {
        if (dominates(other)) {
            return this;
        }
        TreeMap<Origin, Long> next = new TreeMap<>(entries);
        other.entries.forEach((origin, seq) -> next.merge(origin, seq, Math::max));
        return new VersionVector(next);
    }

    /** Returns this vector without one origin. */
    public VersionVector without(Origin origin) {
        TreeMap<Origin, Long> rest = new TreeMap<>(entries);
        return rest.remove(origin) == null ? this : of(rest);
    }

    /** Returns the greatest vector that both include. */
    public VersionVector intersection(VersionVector other) {
        TreeMap<Origin, Long> least = new TreeMap<>();
        entries.forEach((origin, seq) -> least.put(origin, Math.min(seq, other.get(origin))));
        return of(least);
    }

    /** Returns the highest seq of {@code origin}, 0 if none. */
    public long get(Origin origin) {
        Long seq = entries.get(origin);
        return seq == null ? 0 : seq;
    }

    public boolean contains(Dot dot) {
        return dot.seq() <= get(dot.origin());
    }

    /** Returns whether all that {@code other} includes is included here. */
    public boolean dominates(VersionVector other) {
        for (Map.Entry<Origin, Long> entry : other.entries.entrySet()) {
            if (get(entry.getKey()) < entry.getValue()) {
                return false;
            }
        }
        return true;
    }

    /** Returns {@code BEFORE} when {@code other} includes all of this and more. */
    public Causality compare(VersionVector other) {
        boolean above = dominates(other);
        boolean below = other.dominates(this);
        if (above && below) {
            return Causality.EQUAL;
        }
        if (above) {
            return Causality.AFTER;
        }
        return below ? Causality.BEFORE : Causality.CONCURRENT;
    }

    /** Returns what is here and not in {@code other}, in ascending order of origin. */
    public List<Range> minus(VersionVector other) {
        List<Range> ranges = new ArrayList<>();
        entries.forEach((origin, seq) -> {
            long known = other.get(origin);
            if (known < seq) {
                ranges.add(new Range(origin, known + 1, seq));
            }
        });
        return ranges;
    }

    /** Returns how many events are here and not in {@code other}. Stops at {@link Long#MAX_VALUE}. */
    public long countMinus(VersionVector other) {
        long count = 0;
        for (Range range : minus(other)) {
            count += range.last() - range.first() + 1;
            if (count < 0) {
                return Long.MAX_VALUE;
            }
        }
        return count;
    }

    /** Returns an unmodifiable view, sorted by origin, without zeros. */
    public SortedMap<Origin, Long> entries() {
        return Collections.unmodifiableSortedMap(entries);
    }

    public int size() {
        return entries.size();
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VersionVector that && entries.equals(that.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    @Override
    public String toString() {
        return entries.toString();
    }

    /** The events {@code first} to {@code last} of one origin, both included. */
    public record Range(Origin origin, long first, long last) {
        public Range {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException("not a range: " + first + " to " + last);
            }
        }

        @Override
        public String toString() {
            return origin + ":" + first + (first == last ? "" : "-" + last);
        }
    }
}
