// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.store.RelayBackup;
import io.anabranch.sync.Replica;
import io.anabranch.sync.store.FileLook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "backup",
        description = {
            "Copies a replica or a relay's file as it is at one moment, while other programs go on using it.",
            "The copy of a replica holds everything that was written, and writes under a name of its own once it is used."
                    + " 'anabranch restore' puts a copy in place."
        })
final class BackupCommand extends BaseCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "A replica, or a relay's file.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Parameters(index = "1", paramLabel = "TO", description = "The copy; nothing may be there yet.")
    @SuppressWarnings("NullAway.Init")
    private Path to;

    @Override
    public Integer call() throws IOException {
        FileLook.Kind kind = FileKinds.require("back up", file);
        FileKinds.requireFree("back up to", to);
        if (kind == FileLook.Kind.RELAY) {
            RelayBackup.copy(FileKinds.DRIVER, file, to);
        } else {
            try (Replica replica = Replica.open(file)) {
                replica.backup(to);
            }
        }
        out().println("backed up " + file + " to " + to + " (" + Files.size(to) + " bytes)");
        return 0;
    }
}
