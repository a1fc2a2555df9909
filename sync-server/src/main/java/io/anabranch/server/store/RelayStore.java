// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.session.SpaceName;

/**
 * What a relay keeps. Several processes may work over one store at once and are one relay: nothing is remembered between two
 * calls that another process could make wrong. Thread-safe, and so are the spaces it gives out.
 */
public interface RelayStore extends Holdings {
    /** Returns the name that the relay gave itself. It writes no change sets. */
    Origin relay();

    /** Returns the space called {@code name}, which begins empty; see {@link SpaceName}. */
    SpaceStore space(String name);
}
