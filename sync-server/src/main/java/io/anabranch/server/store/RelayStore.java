// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.access.TokenStore;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.SpaceName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spaces of a relay. Several relays may work over one store at once: nothing is remembered between two calls that
 * another process could make wrong. Thread-safe, and so are the spaces it gives out.
 */
public interface RelayStore extends AutoCloseable {
    /** Returns the name that the relay gave itself. It writes no change sets. */
    Origin relay();

    /** Returns the space called {@code name}, which begins empty; see {@link SpaceName}. */
    Space space(String name);

    /** Returns a number that is another one after anybody, this process or another, put something into the store. Cheap. */
    long version();

    /** Returns the names of all spaces, in order. */
    List<String> spaceNames();

    /** Returns who may do what. */
    TokenStore tokens();

    @Override
    void close();

    /** One space. What it accepts is durable once {@link #accept} returns. */
    interface Space extends PeerStore {
        /** Changes when something that was acknowledged may be lost: a new file, a restored one. */
        Hash128 epoch();

        /** Returns what the change sets take up. Costs O(1). */
        Usage usage();

        /**
         * Binds an origin to the family of tokens that claims it, durably, unless it is bound already.
         *
         * @return the family that it is bound to now
         */
        String claim(Origin origin, String family);

        /** Returns the family that an origin is bound to; null while nobody claimed it. */
        @Nullable
        String claimant(Origin origin);
    }
}
