// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.sync.Replica;
import io.anabranch.sync.Surroundings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What status says of clocks that are wrong. */
class StatusCommandTest {
    private static final Duration DAYS = Duration.ofDays(100);

    @TempDir
    Path folder;

    /** Writes a change set that is stamped a hundred days ahead, and carries it to another replica. */
    private void carryFromTheFuture(Path ann, Path bob) {
        Surroundings here = Surroundings.ofThisMachine();
        Surroundings future = new Surroundings(
                here.driver(), here.place(), () -> System.currentTimeMillis() + DAYS.toMillis(), new Random());
        try (Replica replica = Replica.open(ann, future)) {
            replica.transaction(sql -> {
                sql.execute("INSERT INTO item VALUES ('cup', 'Cup')");
                // The triggers take the time from SQLite, whose clock is right.
                sql.execute("UPDATE _ab_pending SET at = at + ?", DAYS.toMillis());
            });
        }
        Path bundle = folder.resolve("ann.bundle");
        Cli.good("bundle", "export", ann, bundle);
        Cli.good("bundle", "import", bob, bundle);
    }

    @Test
    void whatIsPendingIsSplitAlsoInJson() throws Exception {
        Path ann = folder.resolve("ann.db");
        Cli.execute(
                ann, "CREATE TABLE item (id TEXT PRIMARY KEY, title TEXT)", "INSERT INTO item VALUES ('mug', 'Mug')");
        Cli.good("init", ann, "--space", "shop", "--all-tables");
        Cli.execute(ann, "INSERT INTO item VALUES ('cup', 'Cup')");

        JsonNode status = Cli.good("status", ann, "--json").json();

        assertThat(status.get("unsealed").asLong()).isEqualTo(1);
        assertThat(status.get("unacknowledged").asLong()).isEqualTo(1);
        assertThat(status.get("pending").asLong()).isEqualTo(2);
    }

    @Test
    void aClockThatIsAheadIsToldWithItsOriginByHowMuchAndWhatToDo() throws Exception {
        Path ann = folder.resolve("ann.db");
        Path bob = folder.resolve("bob.db");
        Cli.execute(ann, "CREATE TABLE item (id TEXT PRIMARY KEY, title TEXT)");
        Cli.good("init", ann, "--space", "shop", "--all-tables");
        Cli.good("init", bob, "--space", "shop");
        assertThat(Cli.good("status", ann, "--json").json().get("clocksAhead")).isEmpty();

        carryFromTheFuture(ann, bob);

        JsonNode clocks = Cli.good("status", bob, "--json").json().get("clocksAhead");
        String origin = Cli.good("status", ann, "--json").json().get("origin").asText();
        assertThat(clocks).hasSize(1);
        assertThat(clocks.get(0).get("origin").asText()).isEqualTo(origin);
        assertThat(clocks.get(0).get("aheadMillis").asLong())
                .isBetween(DAYS.minusHours(1).toMillis(), DAYS.toMillis());
        assertThat(Instant.parse(clocks.get(0).get("stamp").asText()))
                .isAfter(Instant.now().plus(DAYS.minusHours(1)));
        assertThat(Cli.good("status", bob).out())
                .contains("warning  origin " + origin + " stamped what it wrote ")
                .contains(", 99 days ahead of this machine's clock", "Set its clock right, or this one");
        assertThat(Cli.good("status", ann).out())
                .contains("warning  this replica stamped what it wrote ", "Set this clock right, if it is behind");
        assertThat(Cli.run("doctor", bob).out()).contains("origin " + origin, "minutes ahead of this machine's clock");
    }

    @Test
    void rulesThatDisagreeAreToldWithBothRulesAndWhatToDo() throws Exception {
        Path ann = folder.resolve("ann.db");
        Path bob = folder.resolve("bob.db");
        for (Path file : new Path[] {ann, bob}) {
            Cli.execute(file, "CREATE TABLE item (id TEXT PRIMARY KEY, likes INTEGER)");
        }
        Cli.good("init", ann, "--space", "shop", "--all-tables", "--rule", "item.likes=counter");
        Cli.good("init", bob, "--space", "shop", "--all-tables");
        Path bundle = folder.resolve("ann.bundle");
        Cli.good("bundle", "export", ann, bundle);
        Cli.good("bundle", "import", bob, bundle);

        JsonNode conflict =
                Cli.good("status", bob, "--json").json().get("ruleConflicts").get(0);
        assertThat(conflict.get("table").asText()).isEqualTo("item");
        assertThat(conflict.get("column").asText()).isEqualTo("likes");
        String rule = conflict.get("rule").asText();
        String losing = conflict.get("losing").asText();
        assertThat(List.of(rule, losing)).containsExactlyInAnyOrder("counter", "lww");
        assertThat(Cli.good("status", bob).out())
                .contains("warning  item.likes is " + rule + ", as origin ", ", and not " + losing + ", as origin ");
        assertThat(Cli.run("doctor", bob).out()).contains("item.likes is " + rule, "-> have every program declare");
    }
}
