// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * One operation on one row. All of them name what their writer saw: an insert the lives that it supersedes, an edit the
 * live dots that its own replaces, a delete the live dots that it ends. Immutable; collections are not copied.
 *
 * @param <K> what names a cell within the row
 * @param <V> the values of registers
 */
public sealed interface RowOp<K extends Comparable<K>, V> {
    /** The change set that this operation belongs to. One change set holds at most one operation per row. */
    Dot dot();

    /** Begins the life named {@link #dot}. {@code rank} orders rivals for a unique key, oldest first. */
    record Insert<K extends Comparable<K>, V>(
            Dot dot, long rank, DeletePolicy policy, SortedSet<Dot> supersedes, SortedMap<K, CellOp<V>> cells)
            implements RowOp<K, V> {}

    /** Writes {@code cells} of the first life touched and renews every life touched. {@code touches} is not empty. */
    record Edit<K extends Comparable<K>, V>(Dot dot, List<Touch> touches, SortedMap<K, CellOp<V>> cells)
            implements RowOp<K, V> {
        public Edit {
            if (touches.isEmpty()) {
                throw new IllegalArgumentException("an edit touches no life");
            }
        }
    }

    /** Ends what lives by these dots and no other. */
    record Delete<K extends Comparable<K>, V>(Dot dot, SortedSet<Dot> removes) implements RowOp<K, V> {}

    /** A life that the writer saw, and the live dots it had. The edit's own dot takes their place. */
    record Touch(Dot life, SortedSet<Dot> replaces) {}
}
