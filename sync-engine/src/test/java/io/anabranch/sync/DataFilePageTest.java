// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on the file names each of its tables. */
class DataFilePageTest {
    @TempDir
    Path folder;

    @Test
    void everyTableOfTheFileIsOnItsPage() throws IOException {
        String page = Files.readString(Path.of("../docs/data-file.md"));
        try (World world = new World(folder)) {
            List<String> tables = world.replica("a")
                    .column(
                            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '\\_ab\\_%' ESCAPE '\\'");

            assertThat(tables).isNotEmpty().allSatisfy(table -> assertThat(page).contains("| `" + table + "` |"));
        }
    }
}
