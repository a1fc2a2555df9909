// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    @TempDir
    Path folder;

    @Test
    void allReplicasHoldWhatAllWrote() {
        Path dir = folder.resolve("demo files");

        Cli.Result demo = Cli.good("demo", "--dir", dir);

        for (String name : List.of("ann", "bob", "cyn")) {
            Path file = dir.resolve(name + ".db");
            assertThat(Cli.query(file, "SELECT stock, shelf FROM products WHERE id = 'lamp'"))
                    .containsExactly("194|B2");
            assertThat(Cli.query(file, "SELECT body FROM notes")).containsExactly("Call the supplier on Monday");
            assertThat(Cli.query(file, "SELECT id FROM orders ORDER BY id")).containsExactly("ann-1", "bob-1", "cyn-1");
        }
        List<String> digests = demo.out()
                .lines()
                .filter(line -> line.matches(" +(ann|bob|cyn) +[0-9a-f]{16,}"))
                .map(line -> line.strip().split(" +")[1])
                .toList();
        assertThat(digests).hasSize(3);
        assertThat(digests.get(1)).isEqualTo(digests.get(0));
        assertThat(digests.get(2)).isEqualTo(digests.get(0));
        assertThat(demo.out()).contains(dir.toString(), " serve --port 7878 --data '", "sqlite3 '", " sync '");
    }

    @Test
    void takesAsManyReplicasAsAsked() {
        assertThat(Cli.good("demo", "--replicas", "5", "--dir", folder.resolve("five"))
                        .out())
                .contains("  eve ");
    }

    @Test
    void aFolderWithFilesInItIsLeftAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.txt"), "mine");

        Cli.run("demo", "--dir", folder).assertFailed(1, "there are files in it already");
        assertThat(folder).isDirectoryContaining(file::equals);
        Cli.run("demo", "--dir", file).assertFailed(1, "it is not a folder");
    }
}
