// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

/** What a writer wants done to one cell, before {@link RowLives} says what it thereby replaces. */
public sealed interface CellWrite<V> {
    /** Sets a last-writer-wins register. */
    record Assign<V>(V value) implements CellWrite<V> {}

    /** Adds to a counter; negative amounts take away. */
    record Increment<V>(long amount) implements CellWrite<V> {}
}
