// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

/**
 * Names one event: the {@code seq}-th of {@code origin}, counted from 1. Forwarding never renames it. Ordered by origin,
 * then seq.
 *
 * <p>Source: Preguiça et al., "Dotted Version Vectors", arXiv:1011.5808, 2010.
 */
public record Dot(Origin origin, long seq) implements Comparable<Dot> {
    public Dot {
        if (seq < 1) {
            throw new IllegalArgumentException("seq < 1: " + seq);
        }
    }

    @Override
    public int compareTo(Dot other) {
        int byOrigin = origin.compareTo(other.origin);
        return byOrigin != 0 ? byOrigin : Long.compare(seq, other.seq);
    }

    /** Returns {@code origin:seq}. */
    @Override
    public String toString() {
        return origin + ":" + seq;
    }
}
