// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** compact, of replicas that carry bundles and have no relay. */
class CompactCommandTest {
    @TempDir
    Path folder;

    private Path ann;
    private Path bob;
    private int bundles;

    @BeforeEach
    void twoReplicasOfWhichOneDeletesARow() {
        ann = folder.resolve("ann.db");
        bob = folder.resolve("bob.db");
        Cli.execute(
                ann,
                "CREATE TABLE item (id TEXT PRIMARY KEY, title TEXT)",
                "INSERT INTO item VALUES ('cup', 'Cup'), ('pot', 'Pot')");
        Cli.good("init", ann, "--space", "shop", "--all-tables");
        Cli.good("init", bob, "--space", "shop");
        carry(ann, bob);
        carry(bob, ann);
        Cli.execute(ann, "DELETE FROM item WHERE id = 'cup'");
    }

    private void carry(Path from, Path to) {
        Path bundle = folder.resolve("bundle" + bundles++);
        Cli.good("bundle", "export", from, bundle);
        Cli.good("bundle", "import", to, bundle);
    }

    private static String origin(Path file) throws Exception {
        return Cli.good("status", file, "--json").json().get("origin").asText();
    }

    @Test
    void deletedRowsAreForgottenOnceTheMembersThatWereNamedHaveSeenIt() throws Exception {
        String members = origin(ann) + "," + origin(bob);

        JsonNode first =
                Cli.good("compact", ann, "--members", members, "--json").json();
        assertThat(first.get("livesPurged").asLong()).isZero();
        assertThat(first.get("waitingFor")).hasSize(1);
        assertThat(first.get("waitingFor").get(0).asText()).isEqualTo(origin(bob));
        assertThat(Cli.good("compact", ann).out())
                .as("remembered")
                .contains("some deleted rows stay until these have seen the delete: [" + origin(bob) + "]");

        carry(ann, bob);
        Cli.execute(bob, "INSERT INTO item VALUES ('jug', 'Jug')");
        carry(bob, ann);
        JsonNode last = Cli.good("compact", ann, "--json").json();
        assertThat(last.get("livesPurged").asLong()).isEqualTo(1);
        assertThat(last.get("waitingFor")).isEmpty();
        assertThat(last.get("bytesBefore").asLong()).isPositive();
        assertThat(Cli.query(ann, "SELECT id FROM item ORDER BY id")).containsExactly("jug", "pot");
        assertThat(Cli.good("verify", ann).out()).contains("sound");
    }

    @Test
    void noneTakesTheMembersBack() throws Exception {
        Cli.good("compact", ann, "--members", origin(ann) + "," + origin(bob));

        assertThat(Cli.good("compact", ann, "--members", "none", "--json")
                        .json()
                        .get("waitingFor"))
                .isEmpty();
    }

    @Test
    void whatIsNoOriginIsSaidAndNothingIsDone() {
        Cli.run("compact", ann, "--members", "bob")
                .assertFailed(2, "--members: 'bob' is no origin", "anabranch status FILE");
        Cli.run("compact", folder.resolve("none.db")).assertFailed(1, "there is no such file");
    }
}
