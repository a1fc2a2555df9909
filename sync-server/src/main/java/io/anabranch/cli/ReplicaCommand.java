// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Replica;
import io.anabranch.sync.SyncException;
import java.nio.file.Files;
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
    public Integer call() {
        try (Replica replica = open()) {
            return run(replica);
        }
    }

    /** A command that only reads does so where the file cannot be written, too: it is read as it is. */
    private Replica open() {
        try {
            return Replica.open(file);
        } catch (SyncException.CannotWrite | SyncException.BadFile e) {
            if (!onlyReads() || !Files.isReadable(file)) {
                throw e;
            }
            Replica replica = openToRead(e);
            err().println("note: " + file
                    + " cannot be written, so it is read as it is: what other programs wrote since it was"
                    + " last used is not in it");
            return replica;
        }
    }

    private Replica openToRead(SyncException why) {
        try {
            return Replica.openToRead(file);
        } catch (SyncException e) {
            throw why;
        }
    }

    /** Returns whether the command changes nothing. */
    boolean onlyReads() {
        return false;
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
