// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import io.anabranch.sync.PeerServer;
import io.anabranch.sync.Replica;
import io.anabranch.sync.ServedReplica;

/** How {@link Replica#serve} finds {@link ReplicaServer}. */
public final class ReplicaServing implements PeerServer {
    @Override
    public ServedReplica serve(Replica replica, int port) {
        return ReplicaServer.start(replica, port);
    }
}
