// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import java.util.Set;
import java.util.SortedMap;

/** What a writer wants done to one cell, before {@link RowLives} says what it thereby replaces. */
public sealed interface CellWrite<V> {
    /** Sets a last-writer-wins register. */
    record Assign<V>(V value) implements CellWrite<V> {}

    /** Adds to a counter; negative amounts take away. */
    record Increment<V>(long amount) implements CellWrite<V> {}

    /** Adds to a counter that only rises. The amount is not negative. */
    record Grow<V>(long amount) implements CellWrite<V> {}

    /**
     * Adds to a bounded counter or, if negative, takes from it, and gives rights to other origins. What is taken and given
     * must be the writer's own.
     */
    record Trade<V>(long amount, SortedMap<Origin, Long> gives) implements CellWrite<V> {}

    /** Raises a maximum. */
    record Raise<V>(V value) implements CellWrite<V> {}

    /** Lowers a minimum. */
    record Lower<V>(V value) implements CellWrite<V> {}

    /** Replaces all values that stand side by side. */
    record Replace<V>(V value) implements CellWrite<V> {}

    /** Adds and removes elements of a set. */
    record Change<V>(Set<V> adds, Set<V> removes) implements CellWrite<V> {}
}
