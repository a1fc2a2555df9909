// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What commands say of files that are none of theirs, and leave as they are. */
class WrongFilesTest extends WithRelay {
    @Test
    void aFileThatIsNotSqliteIsLeftAsItIs() throws IOException {
        Files.writeString(ann, "Dear diary, ".repeat(100));

        for (Object[] command : commands(ann)) {
            Cli.run(command).assertFailed(1, "ann.db");
        }
        assertThat(ann).hasContent("Dear diary, ".repeat(100));
    }

    @Test
    void aFileThatIsNoReplicaYetIsLeftAsItIs() throws IOException {
        Cli.execute(ann, PRODUCTS);
        byte[] before = Files.readAllBytes(ann);

        for (Object[] command : commands(ann).subList(1, 5)) {
            Cli.run(command).assertFailed(1, "ann.db", "anabranch init");
        }
        assertThat(ann).hasBinaryContent(before);
    }

    @Test
    void aFileThatIsMissingIsNotMade() {
        for (Object[] command : commands(ann).subList(1, 5)) {
            Cli.run(command).assertFailed(1, "ann.db");
        }
        assertThat(ann).doesNotExist();
    }

    @Test
    void theFileOfARelayIsNoReplica() {
        Cli.run("init", relayFolder.resolve("relay.db"), "--space", space).assertFailed(1, "it is a relay's file");
    }

    private List<Object[]> commands(Path file) {
        List<Object[]> commands = new ArrayList<>();
        commands.add(new Object[] {"init", file, "--space", space});
        commands.add(new Object[] {"sync", file, relay.url()});
        commands.add(new Object[] {"status", file});
        commands.add(new Object[] {"log", file});
        commands.add(new Object[] {"digest", file});
        return commands;
    }
}
