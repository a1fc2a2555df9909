// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "serve",
        description = "Runs a relay: a peer that is always awake. Ends on SIGTERM or Ctrl-C.",
        showDefaultValues = true)
final class ServeCommand extends BaseCommand {
    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "The address to listen at; a loopback address keeps others out.")
    private String host = ServerOptions.DEFAULT_HOST;

    @Option(names = "--port", paramLabel = "PORT", description = "0 takes any free one.")
    private int port = ServerOptions.DEFAULT_PORT;

    @Option(names = "--data", paramLabel = "FILE", description = "The relay's file, made if it is missing.")
    private Path data = Path.of(ServerOptions.DEFAULT_DATA);

    @Option(
            names = "--open",
            description =
                    "Ask for no tokens: whoever reaches the relay may read and write every space. Needed to listen"
                            + " where others reach it while it has no tokens.")
    private boolean open;

    @Override
    public Integer call() {
        if (port < 0 || port > 65_535) {
            throw wrongUsage("--port " + port + " is not between 0 and 65535");
        }
        ServerOptions options = ServerOptions.builder()
                .host(host)
                .port(port)
                .data(data)
                .open(open)
                .build();
        try (UntilStopped untilStopped = new UntilStopped();
                RelayServer relay = RelayServer.start(options)) {
            out().println("listening on " + relay.url());
            out().flush();
            untilStopped.await();
        }
        return 0;
    }
}
