// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.SpaceName;

/**
 * The spaces of a relay. Several relays may work over one store at once: nothing is remembered between two calls that
 * another process could make wrong. Thread-safe, and so are the spaces it gives out.
 */
public interface RelayStore extends AutoCloseable {
    /** Returns the name that the relay gave itself. It writes no change sets. */
    Origin relay();

    /** Returns the space called {@code name}, which begins empty; see {@link SpaceName}. */
    Space space(String name);

    @Override
    void close();

    /** One space. What it accepts is durable once {@link #accept} returns. */
    interface Space extends PeerStore {
        /** Changes when something that was acknowledged may be lost: a new file, a restored one. */
        Hash128 epoch();
    }
}
