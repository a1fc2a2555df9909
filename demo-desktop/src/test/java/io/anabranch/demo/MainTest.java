// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    private final StringWriter said = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(said, true), args);
    }

    @Test
    void aStoryThatThereIsNotIsWrongUsage() {
        assertThat(run("--story", "9")).isEqualTo(2);
        assertThat(said.toString().strip())
                .isEqualTo("anabranch: there is no story 9; there are 1 to 5; see 'anabranch desktop --help'");
    }

    @Test
    void aStoryIsAWholeNumber() {
        assertThat(run("--story", "x")).isEqualTo(2);
        assertThat(said.toString()).contains("'x' is not a whole number");
    }

    @Test
    void picturesThatCannotBeWrittenAreASentence(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThat(run("--screenshot", file.toString(), "--story", "1")).isEqualTo(1);
        assertThat(said.toString().strip())
                .isEqualTo("anabranch: Pictures cannot be kept in " + file + ": " + file
                        + " is a file, not a folder. Name another folder.");
    }
}
