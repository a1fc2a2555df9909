// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Ascending;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import io.anabranch.crdt.trie.HashTrie;
import java.math.BigInteger;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A counter that only rises.
 *
 * <p>Each origin totals what it added; merging takes the larger total of each; the value is the sum.
 *
 * <p>State: one total per origin that ever added; O(origins), never shrinks. Immutable. Adding costs O(log origins).
 *
 * <p>Source: Shapiro et al., INRIA RR-7506, 2011, section 3.1.2.
 */
public final class GCounter implements Crdt<GCounter> {
    public static final GCounter ZERO = new GCounter(HashTrie.empty());

    private static final Codec<GCounter> CODEC = new Bytes();

    /** None is zero. */
    private final HashTrie<Origin, Long> totals;

    private GCounter(HashTrie<Origin, Long> totals) {
        this.totals = totals;
    }

    /** Returns the counter of these totals. Zeros are dropped, so that equal counters are equal. */
    static GCounter of(SortedMap<Origin, Long> totals) {
        GCounter[] counter = {ZERO};
        totals.forEach((origin, total) -> counter[0] = counter[0].add(origin, total));
        return counter[0];
    }

    public static Codec<GCounter> codec() {
        return CODEC;
    }

    /**
     * Returns this counter after {@code self} adds {@code amount}, which is not negative.
     *
     * @throws ArithmeticException if the total of {@code self} would pass 2^63 - 1
     */
    public GCounter add(Origin self, long amount) {
        long next = raised(self, amount);
        return amount == 0 ? this : new GCounter(totals.with(self, next));
    }

    /** Returns the least counter that, merged into this one, gives {@link #add}. */
    public GCounter addDelta(Origin self, long amount) {
        long next = raised(self, amount);
        return amount == 0 ? ZERO : new GCounter(HashTrie.of(self, next));
    }

    private long raised(Origin self, long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("amount < 0: " + amount);
        }
        return Math.addExact(total(self), amount);
    }

    @Override
    public GCounter merge(GCounter other) {
        HashTrie<Origin, Long> merged = totals.merge(other.totals, (mine, theirs) -> theirs > mine ? theirs : mine);
        return merged == totals ? this : new GCounter(merged);
    }

    /** Returns the sum, exactly: that of many origins may pass 64 bits. */
    public BigInteger value() {
        BigInteger[] sum = {BigInteger.ZERO};
        totals.forEach((origin, total) -> sum[0] = sum[0].add(BigInteger.valueOf(total)));
        return sum[0];
    }

    /** Returns what {@code origin} added. */
    public long total(Origin origin) {
        Long total = totals.get(origin);
        return total == null ? 0 : total;
    }

    /** Returns a copy, by ascending origin, without zeros. */
    public SortedMap<Origin, Long> totals() {
        TreeMap<Origin, Long> sorted = new TreeMap<>();
        totals.forEach(sorted::put);
        return sorted;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GCounter that && totals.equals(that.totals);
    }

    @Override
    public int hashCode() {
        return totals.hashCode();
    }

    @Override
    public String toString() {
        return value() + totals().toString();
    }

    /** A count; then origin and total of each, by ascending origin. */
    private static final class Bytes extends TaggedCodec<GCounter> {
        Bytes() {
            super(TypeTag.G_COUNTER);
        }

        @Override
        public void write(GCounter counter, ByteWriter out) {
            out.varint(counter.totals.size());
            counter.totals().forEach((origin, total) -> out.origin(origin).varint(total));
        }

        @Override
        public GCounter read(ByteReader in) {
            int count = in.count(Origin.SIZE_BYTES + 1, "totals");
            HashTrie<Origin, Long> totals = HashTrie.empty();
            Ascending<Origin> origins = new Ascending<>("origin");
            for (int i = 0; i < count; i++) {
                totals = totals.with(origins.next(in, in.origin()), in.varint(1, Long.MAX_VALUE, "a total"));
            }
            return new GCounter(totals);
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }
}
