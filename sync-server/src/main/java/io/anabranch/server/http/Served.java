// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.peers.PeerState;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.Holdings;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is served: a relay's spaces, or the one of a replica.
 *
 * @param store what is there, and the tokens
 * @param hasPeers whether the relay exchanges with other relays
 * @param peers tells how that goes
 */
public record Served(Holdings store, Spaces spaces, boolean hasPeers, Supplier<List<PeerState>> peers) {}
