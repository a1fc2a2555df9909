// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Origin;

/**
 * How much is here of a change set whose parts are still coming. It is in no version vector. Immutable.
 *
 * @param hash of the change set
 * @param count how many parts are here, from the first on
 */
public record PartsHeld(Origin origin, long seq, Hash128 hash, int count) {}
