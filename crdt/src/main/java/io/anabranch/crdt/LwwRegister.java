// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.codec.Codec;

/**
 * One value; of two concurrent writes the one with the higher (rank, dot) stays and the other is lost.
 *
 * <p>A write that saw a value ranks above it ({@link HybridTime#rank}), so clocks decide only between writes that did
 * not know of each other. The value never takes part in the order: one dot names one write.
 *
 * <p>State: one value, its dot and its rank; O(1). Immutable if the value is.
 *
 * <p>Source: Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types", INRIA
 * RR-7506, 2011, section 3.2.1.
 */
public record LwwRegister<V>(Dot dot, long rank, V value) implements Crdt<LwwRegister<V>> {
    public LwwRegister {
        if (rank < 0) {
            throw new IllegalArgumentException("rank < 0: " + rank);
        }
    }

    public static <V> Codec<LwwRegister<V>> codec(Codec<V> values) {
        return new LwwRegisterCodec<>(values);
    }

    /**
     * Returns this register after a write at {@code dot} that saw it.
     *
     * @throws IllegalStateException if this has the highest rank there is
     */
    public LwwRegister<V> write(Dot dot, long stamp, V value) {
        if (rank == Long.MAX_VALUE) {
            throw new IllegalStateException("no rank is left above that of " + this);
        }
        return new LwwRegister<>(dot, HybridTime.rank(stamp, rank), value);
    }

    @Override
    public LwwRegister<V> merge(LwwRegister<V> other) {
        return other.beats(this) ? other : this;
    }

    public boolean beats(LwwRegister<V> other) {
        return rank != other.rank ? rank > other.rank : dot.compareTo(other.dot) > 0;
    }
}
