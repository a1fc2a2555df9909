// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import io.anabranch.server.peers.PeerState;
import java.util.List;

/** What goes on behind the requests of whoever is served. */
interface Background extends AutoCloseable {
    /** Of a replica, which does what there is to do by itself. */
    Background NONE = new Background() {};

    /** Returns whether there are other relays to exchange with. */
    default boolean hasPeers() {
        return false;
    }

    /** Returns how exchanging each space with each of them goes. */
    default List<PeerState> peers() {
        return List.of();
    }

    /** Looks for something to do. To be called many times a second. */
    default void look() {}

    /** Does what time brings. */
    default void tend(long nowMillis) {}

    @Override
    default void close() {}
}
