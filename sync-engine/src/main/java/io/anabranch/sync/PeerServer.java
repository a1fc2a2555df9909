// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

/**
 * What answers peers over HTTP for a replica. This library has none of its own, since an HTTP server is more than a phone should carry;
 * {@code anabranch-sync-server} brings one, which {@link Replica#serve} finds with {@link java.util.ServiceLoader}.
 */
public interface PeerServer {
    /**
     * Begins to answer at a loopback address.
     *
     * @param port 0 takes any free one
     */
    ServedReplica serve(Replica replica, int port);
}
