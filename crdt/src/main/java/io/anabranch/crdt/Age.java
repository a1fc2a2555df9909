// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;

/**
 * How old a row is: the rank of the insert that began its oldest life that shows, and that life. Orders rivals for a unique
 * key, oldest first. Immutable.
 */
public record Age(long rank, Dot life) implements Comparable<Age> {
    @Override
    public int compareTo(Age other) {
        int order = Long.compare(rank, other.rank);
        return order != 0 ? order : life.compareTo(other.life);
    }
}
