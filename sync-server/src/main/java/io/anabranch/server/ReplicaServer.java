// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import io.anabranch.server.space.ReplicaSpaces;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.Replica;
import io.anabranch.sync.ServedReplica;
import io.anabranch.sync.Subscription;
import io.anabranch.sync.jdbc.JdbcDriver;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;

/**
 * A replica that answers peers over HTTP as a relay does: the same addresses, limits, tokens and events, for the one space that it is a
 * replica of. Close it before the replica. Thread-safe.
 */
public final class ReplicaServer implements ServedReplica {
    private final RelayServer server;
    private final URI url;
    private final Subscription commits;

    private ReplicaServer(RelayServer server, Subscription commits) {
        this.server = server;
        this.url = server.url();
        this.commits = commits;
    }

    /**
     * Answers programs of this machine, without tokens.
     *
     * @param port 0 takes any free one
     * @throws ServerException if it cannot listen there
     */
    public static ReplicaServer start(Replica replica, int port) {
        ServerOptions options = ServerOptions.builder().port(port).build();
        return start(replica, options, new ReplicaSpaces(replica, null));
    }

    /**
     * Answers wherever {@code options} say. The file that they name as data, made if it is missing, keeps the tokens and whose they are,
     * as a relay's own file does; the change sets are in the replica's. The clock is the replica's too.
     *
     * @throws ServerException if it cannot listen there, or others could reach it and it has no tokens
     */
    public static ReplicaServer start(Replica replica, ServerOptions options) {
        Preflight.check(options);
        RelayStore access = SqliteRelayStore.open(new JdbcDriver(), options.data());
        return start(replica, options, new ReplicaSpaces(replica, access));
    }

    private static ReplicaServer start(Replica replica, ServerOptions options, ReplicaSpaces store) {
        InstantSource clock = () -> Instant.ofEpochMilli(replica.nowMillis());
        RelayServer server = RelayServer.start(
                options, store, store, Background.NONE, replica.path(), clock.withZone(ZoneOffset.UTC));
        return new ReplicaServer(server, replica.onCommit(() -> {
            store.moved();
            server.look();
        }));
    }

    @Override
    public URI url() {
        return url;
    }

    @Override
    public void close() {
        commits.close();
        server.close();
    }
}
