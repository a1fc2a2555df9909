// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are carried between two machines that never meet, as a script would make and take them. */
class BundleCommandTest {
    @TempDir
    Path folder;

    private Path ann;
    private Path bob;
    private Path stick;

    @BeforeEach
    void start() {
        ann = folder.resolve("ann.db");
        bob = folder.resolve("bob.db");
        stick = folder.resolve("stick.bundle");
        Cli.execute(ann, "CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)", "INSERT INTO note VALUES ('a', 'Ann')");
        Cli.good("init", ann, "--space", "notes", "--table", "note");
        Cli.good("init", bob, "--space", "notes");
    }

    @Test
    void aStickCarriesWhatTheOtherLacksAndBack() throws Exception {
        assertThat(Cli.good("bundle", "export", ann, stick).out()).contains("wrote " + stick + ": 1 change set, ");
        assertThat(Cli.good("bundle", "import", bob, stick).out()).contains("took 1 change set from " + stick);
        assertThat(Cli.query(bob, "SELECT id, title FROM note")).containsExactly("a|Ann");

        Cli.execute(bob, "INSERT INTO note VALUES ('b', 'Bob')");
        String version = Cli.good("status", ann, "--json").json().get("version").asText();
        Path back = folder.resolve("back.bundle");
        JsonNode report = Cli.good("bundle", "export", bob, back, "--since", version, "--json")
                .json();
        assertThat(report.get("changeSets").asLong()).isEqualTo(1);
        assertThat(report.get("withSnapshot").asBoolean()).isFalse();
        Cli.good("bundle", "import", ann, back);
        assertThat(Cli.query(ann, "SELECT id FROM note ORDER BY id")).containsExactly("a", "b");
        assertThat(Cli.good("digest", ann).out())
                .isEqualTo(Cli.good("digest", bob).out());
    }

    @Test
    void aGapIsRefusedWithTheRangesThatAreMissing() throws Exception {
        String version = Cli.good("status", ann, "--json").json().get("version").asText();
        Cli.execute(ann, "INSERT INTO note VALUES ('b', 'x')");
        Cli.good("bundle", "export", ann, stick, "--since", version);

        Cli.run("bundle", "import", bob, stick).assertFailed(1, "that " + bob + " lacks: 1 of ", "--since");
    }

    @Test
    void badInputIsSaidInWords() {
        Cli.run("bundle").assertFailed(2, "export or import");
        Cli.run("bundle", "export", ann, stick, "--since", "yesterday").assertFailed(2, "not a version");
        Cli.run("bundle", "import", bob, stick).assertFailed(1, "cannot import " + stick);
        Cli.good("bundle", "export", ann, stick);
        Cli.run("bundle", "export", ann, stick).assertFailed(1, "there is a file already");
    }
}
