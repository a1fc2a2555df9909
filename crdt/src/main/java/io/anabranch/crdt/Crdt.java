// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

/**
 * A value that any replica may edit alone, and that merges with every other state of itself: commutatively,
 * associatively, idempotently, and never losing what was in either.
 */
public interface Crdt<T extends Crdt<T>> {
    /** Returns the least state that holds both. */
    T merge(T other);
}
