// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import org.jspecify.annotations.Nullable;

/**
 * A value that does not show because a concurrent one does: neither writer had seen the other's.
 *
 * @param kept what shows instead; null if the row is gone with the cell
 */
public record LostWrite<K, V>(
        K key, LwwRegister<V> lost, @Nullable LwwRegister<V> kept) {}
