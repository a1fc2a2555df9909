// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.sync.sql.SqlException;
import java.io.IOException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** rights: who may take how much of a bounded counter. */
class RightsCommandTest extends WithRelay {
    private static final String TAKE = "UPDATE item SET seats = seats - 1";

    @BeforeEach
    void init() {
        Cli.execute(
                ann,
                "CREATE TABLE item (id INTEGER NOT NULL, day TEXT NOT NULL, seats INTEGER, title TEXT, PRIMARY KEY (id, day))",
                "INSERT INTO item VALUES (7, 'mon', 10, 'Train')");
        Cli.run("init", ann, "--space", space, "--table", "item", "--rule", "item.seats=bounded:0");
        Cli.good("sync", ann, relay.url());
        Cli.good("init", bob, "--space", space);
        Cli.good("sync", bob, relay.url());
    }

    private static String origin(Object file) throws IOException {
        return Cli.good("status", file, "--json").json().get("origin").asText();
    }

    private static JsonNode rights(Object... args) throws IOException {
        return Cli.good(args).json().get("rights");
    }

    @Test
    void rightsAreNobodysUntilTheyAreClaimedAndThenGiven() throws IOException {
        String key = "[7,\"mon\"]";
        Assertions.assertThatThrownBy(() -> Cli.execute(ann, TAKE)).isInstanceOf(SqlException.class);
        Cli.Result before = Cli.good("rights", ann, "item", key, "seats");
        assertThat(before.out())
                .contains(
                        "seats  bounded:0  10",
                        "  " + origin(ann) + "  0  this replica",
                        "may take nothing",
                        "--claim");
        assertThat(rights("rights", ann, "item", key, "seats", "--json")).hasSize(2);

        JsonNode claimed = Cli.good("rights", ann, "ITEM", key, "seats", "--claim", "--json")
                .json();
        assertThat(claimed.get("rights")).hasSize(1);
        assertThat(claimed.get("rights").get(origin(ann)).asLong()).isEqualTo(10);
        assertThat(claimed.get("value").asLong()).isEqualTo(10);
        Cli.execute(ann, TAKE);

        Cli.run("rights", ann, "item", key, "seats", "--give", 10, "--to", origin(bob))
                .assertFailed(1, "cannot give rights to 10 of item.seats: this replica holds 9", "--claim");
        JsonNode given = rights("rights", ann, "item", key, "seats", "--give", 4, "--to", origin(bob), "--json");
        assertThat(given.get(origin(ann)).asLong()).isEqualTo(5);
        assertThat(given.get(origin(bob)).asLong()).isEqualTo(4);
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());
        Cli.execute(bob, TAKE);
        assertThat(rights("rights", bob, "item", key, "seats", "--json")
                        .get(origin(bob))
                        .asLong())
                .isEqualTo(3);
        assertThat(Cli.query(bob, "SELECT seats FROM item")).containsExactly("8");
    }

    @Test
    void whatMakesNoSenseIsRefused() throws IOException {
        String key = "[7,\"mon\"]";
        Cli.run("rights", ann, "item", key, "title")
                .assertFailed(
                        1, "there are no rights to item.title: its rule is lww, and only bounded:MINIMUM has some");
        Cli.run("rights", ann, "item", "[8,\"mon\"]", "seats").assertFailed(1, "item (8, mon) does not show");
        Cli.run("rights", ann, "item", key, "seats", "--give", 1).assertFailed(2, "--give N with --to ORIGIN");
        Cli.run("rights", ann, "item", key, "seats", "--give", 0, "--to", origin(bob))
                .assertFailed(2, "--give 0: give 1 or more");
        Cli.run("rights", ann, "item", key, "seats", "--give", 1, "--to", "bob")
                .assertFailed(2, "--to bob is no origin");
        Cli.run("rights", ann, "item", key, "seats", "--give", 1, "--to", origin(ann))
                .assertFailed(2, "is this replica itself");
    }
}
