// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A set of seqs of one origin as ranges: without gaps, it is one range, whatever its size.
 *
 * <p>State: first and last of each range, ascending, ranges never touching; O(gaps). Immutable.
 */
public final class SeqRanges {
    public static final SeqRanges EMPTY = new SeqRanges(new long[0]);

    /** First, last, first, last … */
    private final long[] bounds;

    private SeqRanges(long[] bounds) {
        this.bounds = bounds;
    }

    /** Returns the seqs {@code first} to {@code last}, both included. */
    public static SeqRanges of(long first, long last) {
        if (first < 1 || last < first) {
            throw new IllegalArgumentException("not a range: " + first + " to " + last);
        }
        return new SeqRanges(new long[] {first, last});
    }

    /** Returns the seqs of these ranges: first, last, first, last …, ascending and never touching. */
    public static SeqRanges ofBounds(long... bounds) {
        long last = -1;
        for (int i = 0; i + 1 < bounds.length; i += 2) {
            if (bounds[i] < 1 || bounds[i] - 1 <= last || bounds[i + 1] < bounds[i]) {
                throw new IllegalArgumentException("not ascending ranges: " + Arrays.toString(bounds));
            }
            last = bounds[i + 1];
        }
        if (bounds.length % 2 != 0) {
            throw new IllegalArgumentException("a range without an end: " + Arrays.toString(bounds));
        }
        return bounds.length == 0 ? EMPTY : new SeqRanges(bounds.clone());
    }

    /** Returns how many ranges there are. */
    public int rangeCount() {
        return bounds.length / 2;
    }

    public long first(int range) {
        return bounds[2 * range];
    }

    public long last(int range) {
        return bounds[2 * range + 1];
    }

    /** Returns the highest seq, 0 if none. */
    public long highest() {
        return bounds.length == 0 ? 0 : bounds[bounds.length - 1];
    }

    /** Returns the highest seq of which all lower ones are here too, 0 if none. */
    public long prefix() {
        return bounds.length > 0 && bounds[0] == 1 ? bounds[1] : 0;
    }

    public boolean contains(long seq) {
        int range = rangeFrom(seq);
        return range < rangeCount() && first(range) <= seq;
    }

    public boolean containsAll(long first, long last) {
        int range = rangeFrom(first);
        return range < rangeCount() && first(range) <= first && last(range) >= last;
    }

    public boolean containsAny(long first, long last) {
        int range = rangeFrom(first);
        return range < rangeCount() && first(range) <= last;
    }

    /** Returns the first range that does not end before {@code seq}. */
    private int rangeFrom(long seq) {
        int low = 0;
        int high = rangeCount();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (last(middle) < seq) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Returns how many seqs there are. Stops at {@link Long#MAX_VALUE}. */
    public long count() {
        long count = 0;
        for (int i = 0; i < rangeCount(); i++) {
            count += last(i) - first(i) + 1;
            if (count < 0) {
                return Long.MAX_VALUE;
            }
        }
        return count;
    }

    /** Returns what is in either; this if that is all here. */
    public SeqRanges union(SeqRanges other) {
        if (dominates(other)) {
            return this;
        }
        long[] next = new long[bounds.length + other.bounds.length];
        int size = 0;
        int i = 0;
        int j = 0;
        while (i < bounds.length || j < other.bounds.length) {
            boolean mine = j == other.bounds.length || i < bounds.length && bounds[i] <= other.bounds[j];
            long first = mine ? bounds[i] : other.bounds[j];
            long last = mine ? bounds[i + 1] : other.bounds[j + 1];
            i += mine ? 2 : 0;
            j += mine ? 0 : 2;
            if (size > 0 && first - 1 <= next[size - 1]) {
                next[size - 1] = Math.max(next[size - 1], last);
            } else {
                next[size++] = first;
                next[size++] = last;
            }
        }
        return new SeqRanges(Arrays.copyOf(next, size));
    }

    public boolean dominates(SeqRanges other) {
        for (int i = 0; i < other.rangeCount(); i++) {
            if (!containsAll(other.first(i), other.last(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SeqRanges that && Arrays.equals(bounds, that.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    /** Returns {@code 1-3,7}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rangeCount(); i++) {
            text.append(i == 0 ? "" : ",").append(first(i));
            if (last(i) > first(i)) {
                text.append('-').append(last(i));
            }
        }
        return text.toString();
    }
}
