// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;

/** The spaces that are served. Thread-safe. */
public interface Spaces {
    /** Returns the name of the peer that answers. */
    Origin relay();

    /** Returns the space called {@code name}. */
    Space space(String name);
}
