// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a file that nobody may write: those that only read do, the others say why they cannot. */
class ReadOnlyTest {
    /** Where an SQLite file says what must be understood to write it: more than 2, and it is read-only even for root. */
    private static final int WRITE_VERSION_AT = 18;

    @TempDir
    Path folder;

    private Path copy;

    @BeforeEach
    void writeProtectedCopy() throws Exception {
        Path file = folder.resolve("shop.db");
        Cli.execute(
                file,
                "CREATE TABLE item (id TEXT PRIMARY KEY, title TEXT)",
                "CREATE TABLE part (id TEXT PRIMARY KEY, item TEXT REFERENCES item(id))",
                "INSERT INTO item VALUES ('cup', 'Cup')",
                "INSERT INTO part VALUES ('ear', 'pot')");
        Cli.good("init", file, "--space", "shop", "--all-tables", "--fk", "part.item=hide");
        // Elsewhere, it looks like a copy: opened to write, it would take a name of its own first.
        copy = Files.createDirectory(folder.resolve("medium")).resolve("shop.db");
        Files.copy(file, copy);
        try (RandomAccessFile header = new RandomAccessFile(copy.toFile(), "rw")) {
            header.seek(WRITE_VERSION_AT);
            header.write(3);
        }
    }

    @Test
    void everyCommandThatOnlyReadsReadsAFileThatCannotBeWritten() throws Exception {
        byte[] before = Files.readAllBytes(copy);
        for (List<Object> command : List.<List<Object>>of(
                List.of("status", copy),
                List.of("status", copy, "--json"),
                List.of("log", copy),
                List.of("conflicts", copy),
                List.of("digest", copy),
                List.of("history", copy, "item", "cup"),
                List.of("explain", copy, "item", "cup"),
                List.of("hidden", copy))) {
            Cli.Result result = Cli.run(command.toArray());
            assertThat(result.exitCode()).as("%s: %s", command, result.err()).isZero();
            assertThat(result.err()).contains("cannot be written, so it is read as it is");
        }
        assertThat(Cli.run("hidden", copy).out()).contains("part (ear)");
        assertThat(Cli.run("explain", copy, "item", "cup").out()).contains("Cup");
        assertThat(Files.readAllBytes(copy)).isEqualTo(before);
    }

    @Test
    void theDoctorLooksAtAFileThatCannotBeWritten() throws Exception {
        byte[] before = Files.readAllBytes(copy);

        Cli.Result result = Cli.run("doctor", copy);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out())
                .contains("error    open", "it is read-only", "warning  hidden       1 rows are hidden")
                .doesNotContain("cannot be read");
        assertThat(Files.readAllBytes(copy)).isEqualTo(before);
    }

    @Test
    void commandsThatWriteSayThatTheFileIsReadOnly() {
        Cli.run("compact", copy).assertFailed(1, "read-only", "make the file and its folder writable");
        Cli.run("drop", copy, "item").assertFailed(1, "read-only");
    }
}
