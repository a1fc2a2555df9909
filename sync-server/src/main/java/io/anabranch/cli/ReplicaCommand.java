// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Replica;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What commands on one replica share: its file is the first parameter, and {@code --json} asks for one document. */
abstract class ReplicaCommand extends BaseCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "A replica; see 'anabranch init'.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Override
    public final Integer call() {
        try (Replica replica = Replica.open(file)) {
            return run(replica);
        }
    }

    /** Does the command's work and returns the exit code. */
    abstract int run(Replica replica);

    final Path file() {
        return file;
    }

    final boolean json() {
        return json;
    }
}
