// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import org.jspecify.annotations.Nullable;

/** One operation on one cell. It names what its writer saw and so needs no context to be applied. */
public sealed interface CellOp<V> {
    /**
     * Sets a register.
     *
     * @param rank what orders it among concurrent puts; above that of the value it replaces
     * @param replaces the dot of the value that the writer saw there, null if there was none
     */
    record Put<V>(long rank, V value, @Nullable Dot replaces) implements CellOp<V> {}

    /** Adds to the total of the operation's origin. */
    record Add<V>(long amount) implements CellOp<V> {}
}
