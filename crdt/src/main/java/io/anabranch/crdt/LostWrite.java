// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import org.jspecify.annotations.Nullable;

/**
 * A value that does not show because a concurrent one does: neither writer had seen the other's.
 *
 * @param life that it was written to; null if that is over for good, and the value was lost with it
 * @param kept what shows instead; null if the row is gone with the cell
 */
public record LostWrite<K, V>(
        K key,
        @Nullable Dot life,
        LwwRegister<V> lost,
        @Nullable LwwRegister<V> kept) {}
