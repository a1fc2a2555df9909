// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ReplicaServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.Replica;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "serve",
        description = {
            "Runs a relay: a peer that is always awake; with --replica, has a replica answer peers as one. Ends on"
                    + " SIGTERM or Ctrl-C.",
            "Each option may also be set in the environment (--max-space-bytes as ANABRANCH_MAX_SPACE_BYTES) or in the"
                    + " file that --config names (as max-space-bytes=…). An argument counts before the environment, and"
                    + " that before the file."
        },
        showDefaultValues = true)
final class ServeCommand extends BaseCommand {
    /** What the name of the file with the tokens of a served replica ends in. */
    static final String TOKENS = ".tokens";

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "The address to listen at; a loopback address keeps others out.")
    private String host = ServerOptions.DEFAULT_HOST;

    @Option(names = "--port", paramLabel = "PORT", description = "0 takes any free one.")
    private int port = ServerOptions.DEFAULT_PORT;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "The relay's file, made if it is missing (" + ServerOptions.DEFAULT_DATA
                    + "). With --replica, the file that keeps its tokens (the replica's name and " + TOKENS + ").")
    private @Nullable Path data;

    @Option(
            names = "--replica",
            paramLabel = "FILE",
            description = "Serve this replica, to those of its space, instead of a relay.")
    private @Nullable Path replica;

    @Option(
            names = "--open",
            description =
                    "Ask for no tokens: whoever reaches the relay may read and write every space. Needed to listen"
                            + " where others reach it while it has no tokens.")
    private boolean open;

    @Option(
            names = "--tls-cert",
            paramLabel = "F",
            description = "Serve HTTPS with the certificate in this PEM file, the chain behind it.")
    private @Nullable Path tlsCert;

    @Option(names = "--tls-key", paramLabel = "F", description = "The certificate's key, PEM, PKCS#8, unencrypted.")
    private @Nullable Path tlsKey;

    @Option(
            names = "--trusted-proxy",
            split = ",",
            paramLabel = "ADDRESS",
            description = "Believe what the proxy at this address says of its clients' addresses.")
    private List<String> trustedProxies = List.of();

    @Option(
            names = "--cors-origin",
            split = ",",
            paramLabel = "ORIGIN",
            description = "Let web pages of this origin, such as https://app.example, call the relay.")
    private List<String> corsOrigins = List.of();

    @Option(
            names = "--monitor-from",
            paramLabel = "WHERE",
            description = "Who may read /metrics: ${COMPLETION-CANDIDATES}.")
    private Monitors monitorFrom = Monitors.local;

    @Option(
            names = "--dashboard-from",
            paramLabel = "WHERE",
            description = "Who may see the dashboard: local, or also admins, each its own space, from anywhere.")
    private Viewers dashboardFrom = Viewers.local;

    @Option(names = "--config", paramLabel = "F", description = "A file of settings, one name=value on a line.")
    @SuppressWarnings("UnusedVariable") // Read by Settings, before this object is made.
    private @Nullable Path config;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private LimitFlags limits;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private RetentionFlags retention;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private RelayPeerFlags peers;

    @Override
    public Integer call() {
        ServerOptions options = options();
        if (replica != null) {
            serve(replica, options);
            return 0;
        }
        try (UntilStopped untilStopped = new UntilStopped();
                RelayServer relay = RelayServer.start(options)) {
            out().println("listening on " + relay.url());
            out().flush();
            untilStopped.await();
        }
        return 0;
    }

    private void serve(Path file, ServerOptions options) {
        try (UntilStopped untilStopped = new UntilStopped();
                Replica served = Replica.open(file);
                ReplicaServer server = ReplicaServer.start(served, options)) {
            out().println("listening on " + server.url());
            out().flush();
            untilStopped.await();
        }
    }

    private Path data() {
        if (data != null) {
            return data;
        }
        return replica == null ? Path.of(ServerOptions.DEFAULT_DATA) : Path.of(replica + TOKENS);
    }

    private ServerOptions options() {
        if (port < 0 || port > 65_535) {
            throw wrongUsage("--port " + port + " is not between 0 and 65535");
        }
        try {
            requireNoPeersOfReplica();
            ServerOptions.Builder options = ServerOptions.builder()
                    .host(host)
                    .port(port)
                    .data(data())
                    .open(open)
                    .monitoredByAll(monitorFrom == Monitors.anywhere)
                    .dashboardForAdmins(dashboardFrom == Viewers.admins)
                    .trustedProxies(trustedProxies)
                    .corsOrigins(corsOrigins)
                    .limits(limits.limits())
                    .retention(retention.retention())
                    .peers(peers.peers())
                    .headTimeout(limits.headTimeout())
                    .idleTimeout(limits.idleTimeout());
            return tls(options).build();
        } catch (IllegalArgumentException e) {
            throw wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    private void requireNoPeersOfReplica() {
        if (replica != null && !peers.peers().isEmpty()) {
            throw wrongUsage("--peer is for relays; run 'anabranch sync " + replica + " URL --watch' beside this, which"
                    + " exchanges with a peer of the replica");
        }
    }

    private ServerOptions.Builder tls(ServerOptions.Builder options) {
        if (tlsCert == null && tlsKey == null) {
            return options;
        }
        if (tlsCert == null || tlsKey == null) {
            throw wrongUsage("--tls-cert and --tls-key go together");
        }
        return options.tls(tlsCert, tlsKey);
    }

    /** Spelled as on the command line. */
    enum Viewers {
        local,
        admins
    }

    /** Likewise. */
    enum Monitors {
        local,
        anywhere
    }
}
