// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** history and explain. */
class HistoryCommandsTest extends WithRelay {
    @Test
    void historyAndExplainSayWhereARowComesFrom() throws IOException {
        long id = conflict();

        JsonNode history =
                Cli.good("history", bob, "products", "lamp", "--json").json();
        assertThat(history.get("complete").asBoolean()).isTrue();
        assertThat(history.get("entries")).hasSize(3);
        JsonNode first = history.get("entries").get(0);
        assertThat(first.get("kind").asText()).isEqualTo("insert");
        assertThat(first.get("time").isNull()).isTrue();
        assertThat(first.get("cells").get(0).get("column").asText()).isEqualTo("stock");
        assertThat(Cli.good("history", bob, "products", "[\"lamp\"]").out())
                .contains("insert  by ", "before it was enrolled", "  set title  Brass lamp", "  set title  Desk lamp");

        JsonNode explanation =
                Cli.good("explain", bob, "products", "lamp", "title", "--json").json();
        assertThat(explanation.get("presence").asText()).isEqualTo("shown");
        JsonNode title = explanation.get("columns").get(0);
        assertThat(title.get("column").asText()).isEqualTo("title");
        assertThat(title.get("sources").get(0).get("value")).isEqualTo(title.get("value"));
        assertThat(title.get("lost").get(0).get("id").asLong()).isEqualTo(id);
        assertThat(Cli.good("explain", bob, "products", "lamp").out())
                .contains(
                        "products (lamp) is shown: it was inserted by",
                        "stock  counter  5",
                        "  because of writes that did not know of each other the later one stays",
                        "(conflict " + id + ")");
    }

    @Test
    void keysOfSeveralColumnsAreJsonArrays() throws IOException {
        Cli.execute(ann, "CREATE TABLE line (bill INTEGER, part TEXT, note TEXT, PRIMARY KEY (bill, part))");
        Cli.good("init", ann, "--space", space, "--all-tables");
        Cli.execute(ann, "INSERT INTO line VALUES (7, 'a', 'x')");
        Cli.run("sync", ann, relay.url());

        assertThat(Cli.good("history", ann, "line", "[7, \"a\"]", "--json")
                        .json()
                        .get("entries"))
                .hasSize(1);
        Cli.run("history", ann, "line", "7").assertFailed(1, "the key of line is (bill, part)", "JSON array");
        Cli.run("explain", ann, "line", "[7,\"a\"]", "price").assertFailed(1, "no column 'price'", "note");
        Cli.run("explain", ann, "ghosts", "7").assertFailed(1, "table 'ghosts' is not enrolled");
        Cli.run("history", ann, "line").assertFailed(2, "KEY");
        assertThat(Cli.run("history", ann, "line", "[8,\"a\"]").err()).contains("nothing is known of line (8, a)");
        assertThat(Cli.good("explain", ann, "line", "[8,\"a\"]").out()).contains("is unknown");
    }

    @Test
    void aRowWhoseHistoryWasCompactedAwayIsNotCalledUnknown() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 1)");
        Cli.good("init", ann, "--space", space, "--all-tables");
        Cli.run("sync", ann, relay.url());
        Cli.good("compact", ann);

        Cli.Result history = Cli.run("history", ann, "products", "lamp");

        assertThat(history.out()).contains("older history was compacted away");
        assertThat(history.err())
                .contains("nothing more is known of products (lamp); 'anabranch explain' says what it is now");
    }

    @Test
    void aTextThatWasReadAsAnArrayIsSaidHowToWrite() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('[1]', 'Lamp', 1)");
        Cli.good("init", ann, "--space", space, "--all-tables");
        String hint =
                "nothing is known of products (1); a KEY that begins with [ is read as a JSON array, so the text [1] is"
                        + " written '[\"[1]\"]'";

        assertThat(Cli.run("history", ann, "products", "[1]").err()).contains(hint);
        assertThat(Cli.run("explain", ann, "products", "[1]").err()).contains(hint);
        assertThat(Cli.good("history", ann, "products", "[\"[1]\"]").out()).contains("Lamp");
        assertThat(Cli.run("history", ann, "products", "x").err()).doesNotContain("JSON");
    }

    @Test
    void aTableThatIsNotEnrolledIsAnErrorThatNamesThoseThatAre() {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, body TEXT)");
        Cli.good("init", ann, "--space", space);
        Cli.run("log", ann, "--table", "ghosts").assertFailed(1, "table 'ghosts' is not enrolled", "no table is yet");
        Cli.good("init", ann, "--space", space, "--all-tables");

        for (String command : List.of("log", "conflicts")) {
            Cli.run(command, ann, "--table", "ghosts")
                    .assertFailed(1, "table 'ghosts' is not enrolled in", "the tables are notes, products");
            Cli.good(command, ann, "--table", "Products");
        }
    }

    @Test
    void rowsThatWereThereWhenTheirTableWasEnrolledHaveNoTime() throws IOException {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 1)");
        Cli.good("init", ann, "--space", space, "--all-tables");

        JsonNode log = Cli.good("log", ann, "--json").json();

        assertThat(log)
                .isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.get("time").isNull()).isTrue());
        assertThat(Cli.good("log", ann).out())
                .contains("before it was enrolled")
                .doesNotContain("1970");
    }
}
