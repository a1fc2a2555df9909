// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import io.anabranch.server.peers.PeerAddress;
import io.anabranch.server.peers.PeerState;
import io.anabranch.server.peers.Peering;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.store.RelayStore;
import java.time.Clock;
import java.util.List;

/** A relay exchanges with its peers, and forgets what may be forgotten. */
final class RelayBackground implements Background {
    private final RelaySpaces spaces;
    private final Peering peering;
    private final boolean hasPeers;

    RelayBackground(RelayStore store, RelaySpaces spaces, List<PeerAddress> peers, Clock clock) {
        this.spaces = spaces;
        this.peering = new Peering(store, spaces, peers, clock);
        this.hasPeers = !peers.isEmpty();
    }

    @Override
    public boolean hasPeers() {
        return hasPeers;
    }

    @Override
    public List<PeerState> peers() {
        return peering.states();
    }

    @Override
    public void look() {
        peering.look();
    }

    @Override
    public void tend(long nowMillis) {
        spaces.tend(nowMillis);
    }

    @Override
    public void close() {
        peering.close();
    }
}
