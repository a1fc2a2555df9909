// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.store.Usage;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.PeerStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One space that is served: of a relay, or the one of a replica. What it accepts is durable then. Thread-safe. */
public interface Space extends PeerStore {
    /** Changes when something that was acknowledged may be lost; zero for a replica, whose own identity tells that. */
    Hash128 epoch();

    /** Returns what the change sets take up. */
    Usage usage();

    /**
     * Binds an origin to the family of tokens that claims it, durably, unless it is bound already, or {@code most} are.
     *
     * @return the family that it is bound to now; null if it is not, since so many are
     */
    @Nullable
    String claim(Origin origin, String family, long most);

    /** Returns the family that an origin is bound to; null while nobody claimed it. */
    @Nullable
    String claimant(Origin origin);

    /** Returns what replicas said that their rows come to where they hold the change sets with this sum; none of a replica. */
    default List<Comparison.Other> posts(Hash128 sum) {
        return List.of();
    }

    /** Returns the other relays that were heard of, and not forgotten. */
    default List<OtherRelay> relays() {
        return List.of();
    }

    /**
     * Forgets a peer that is gone for good: nothing waits for it any more. A relay that is forgotten may not come back under its name.
     *
     * @return false if nothing was known of it
     */
    boolean forget(Origin peer);

    /** Returns whether a relay was forgotten. */
    default boolean isForgotten(Origin relay) {
        return false;
    }

    /** Returns whether the space has exchanged with another relay, where there are any to exchange with. */
    default boolean hasMetRelay() {
        return true;
    }
}
