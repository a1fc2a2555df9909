// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

/** How two version vectors, or the events that they describe, stand to each other. */
public enum Causality {
    EQUAL,
    BEFORE,
    AFTER,
    /** Neither had seen all of the other. */
    CONCURRENT
}
