// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.store.RelayBackup;
import io.anabranch.sync.Replica;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.FileLook;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "restore",
        description = {
            "Makes a replica or a relay's file from a backup. The backup stays as it is.",
            "A restored replica writes under a new name and catches up with its next sync. A restored relay is given back by"
                    + " its clients what it has lost."
        })
final class RestoreCommand extends BaseCommand {
    @Parameters(index = "0", paramLabel = "FROM", description = "The backup, of 'anabranch backup'.")
    @SuppressWarnings("NullAway.Init")
    private Path from;

    @Parameters(index = "1", paramLabel = "FILE", description = "The file to make; nothing may be there yet.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Override
    public Integer call() {
        FileLook.Kind kind = FileKinds.require("restore from", from);
        FileKinds.requireFree("restore to", file);
        if (kind == FileLook.Kind.RELAY) {
            RelayBackup.restore(FileKinds.DRIVER, from, file);
            out().println("restored the relay's file " + file
                    + "; clients bring what it lacks when they next sync. Tokens are those of the backup: any that were"
                    + " revoked since are good again until you revoke them ('anabranch token list --data " + file
                    + "')");
            return 0;
        }
        SqlDatabase backup = FileKinds.DRIVER.open(from, 10_000);
        try {
            backup.prepare("VACUUM INTO ?").bind(1, file.toString()).run();
        } finally {
            backup.close();
        }
        try (Replica replica = Replica.open(file)) {
            out().println("restored " + file + ", a replica of space " + replica.space() + ", as " + replica.origin()
                    + "; 'anabranch sync " + file + " URL' brings what was written since the backup");
        }
        return 0;
    }
}
