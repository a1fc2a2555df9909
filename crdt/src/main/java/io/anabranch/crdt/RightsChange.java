// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one origin does at once to its rights in a {@link BoundedCounter}: makes some, spends some, gives some away. Immutable
 * if its map is; no number is negative, none that is given is 0.
 */
public record RightsChange(long made, long spent, SortedMap<Origin, Long> given) {
    public RightsChange {
        boolean isBelowZero = made < 0 || spent < 0;
        for (long amount : given.values()) {
            isBelowZero |= amount <= 0;
        }
        if (isBelowZero) {
            throw new IllegalArgumentException("a change below 0: " + made + ", " + spent + ", " + given);
        }
    }

    static RightsChange made(long amount) {
        return new RightsChange(amount, 0, new TreeMap<>());
    }
}
