// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tables on the pages of rules that only tables have are what replicas show. {@code mvn test -Danabranch.docs=write} writes
 * them anew. Those of the rules that are types are held by {@code TruthTablesTest} of {@code crdt}.
 */
class RulePagesTest {
    private static final Pattern TABLE = Pattern.compile("<!-- shown -->\n.*?<!-- end -->", Pattern.DOTALL);

    @TempDir
    Path folder;

    private int worlds;

    /** What one replica does, in the words of the page. */
    private record Act(String words, String sql) {}

    @Test
    void customShowsWhatTheResolverMakes() throws IOException {
        List<Act> acts = List.of(
                new Act("`[1,2]`", "UPDATE basket SET cart = '[1,2]'"),
                new Act("`[1,3]`", "UPDATE basket SET cart = '[1,3]'"),
                new Act("other columns", "UPDATE basket SET owner = 'bob'"),
                new Act("deletes the row", "DELETE FROM basket"));
        StringBuilder table = new StringBuilder("| A writes | B, at the same time | both then show |\n|---|---|---|\n");
        for (Act first : acts) {
            for (Act second : acts) {
                List<String> shown = shown(
                        "CREATE TABLE basket(id TEXT PRIMARY KEY, cart TEXT, owner TEXT)",
                        "INSERT INTO basket VALUES ('b', '[1]', 'ann')",
                        TableRules.defaults().custom("cart", "cart", 1),
                        first,
                        second,
                        "SELECT cart FROM basket");
                table.append(row(first.words(), second.words(), shown.isEmpty() ? "gone" : code(shown.get(0))));
            }
        }
        holds("custom.md", table);
    }

    @Test
    void renameShowsTheYoungerOfTwoRivalsUnderAnotherName() throws IOException {
        StringBuilder table = new StringBuilder("| then somebody runs | r1 shows | r2 shows |\n|---|---|---|\n")
                .append(renamed("old", ""))
                .append(renamed("old", "DELETE FROM user WHERE id = 'r1'"))
                .append(renamed("old", "UPDATE user SET name = 'bob' WHERE id = 'r1'"))
                .append(renamed("old", "UPDATE user SET name = 'eve' WHERE id = 'r2'"))
                .append(renamed("ann (r2)", ""));
        holds("rename.md", table);
    }

    /** Returns the line of a table about two rows of one name, beside an older one. */
    private String renamed(String older, String sql) throws IOException {
        try (World world = new World(Files.createDirectory(folder.resolve("world" + ++worlds)))) {
            TestReplica a = world.replica("a");
            TestReplica b = world.replica("b");
            a.sql("CREATE TABLE user(id TEXT PRIMARY KEY, name TEXT UNIQUE)");
            a.sql("INSERT INTO user VALUES ('r0', '" + older + "')");
            a.enrol("user", TableRules.defaults().rename("name"));
            world.settle(a, b);
            a.sql("INSERT INTO user VALUES ('r1', 'ann')");
            a.seal();
            world.pass(1_000);
            b.sql("INSERT INTO user VALUES ('r2', 'ann')");
            world.settle(a, b);
            if (!sql.isEmpty()) {
                b.sql(sql);
                world.settle(a, b);
            }
            assertThat(a.rows("user")).isEqualTo(b.rows("user"));
            String words = sql.isEmpty() ? "nothing" : code(sql);
            return row(
                    older.equals("old") ? words : words + "; an older row is called " + code(older),
                    name(a, "r1"),
                    name(a, "r2"));
        }
    }

    private static String name(TestReplica replica, String id) {
        List<String> names = replica.column("SELECT name FROM user WHERE id = '" + id + "'");
        return names.isEmpty() ? "nothing" : code(names.get(0));
    }

    @Test
    void rangesMakeTwoRowsOfTwoThatAreInsertedApart() throws IOException {
        List<Act> acts = List.of(
                new Act("without a key", "INSERT INTO invoice(customer) VALUES ('%s')"),
                new Act("with key 7", "INSERT INTO invoice VALUES (7, '%s')"));
        StringBuilder table =
                new StringBuilder("| A inserts a row | B, at the same time | both then show |\n|---|---|---|\n");
        for (Act first : acts) {
            for (Act second : acts) {
                List<String> customers = shown(
                        "CREATE TABLE invoice(id INTEGER PRIMARY KEY AUTOINCREMENT, customer TEXT)",
                        "",
                        TableRules.defaults().ranges("id"),
                        new Act(first.words(), String.format(first.sql(), "Ann")),
                        new Act(second.words(), String.format(second.sql(), "Bob")),
                        "SELECT customer FROM invoice ORDER BY customer");
                String rows = customers.size() == 1 ? "one row, of " : "two rows, of ";
                table.append(row(first.words(), second.words(), rows + String.join(" and ", customers)));
            }
        }
        holds("ranges.md", table);
    }

    /** Returns what both replicas show once they have met, of a table that both knew before they wrote. B writes a second later. */
    private List<String> shown(String create, String insert, TableRules rules, Act first, Act second, String query)
            throws IOException {
        try (World world = new World(Files.createDirectory(folder.resolve("world" + ++worlds)))) {
            TestReplica a = world.replica("a");
            TestReplica b = world.replica("b");
            for (TestReplica replica : List.of(a, b)) {
                replica.file().use(RulesConvergenceTest.CARTS);
            }
            a.sql(create);
            if (!insert.isEmpty()) {
                a.sql(insert);
            }
            a.enrol(create.split("[ (]")[2], rules);
            world.settle(a, b);
            a.sql(first.sql());
            a.seal();
            world.pass(1_000);
            b.sql(second.sql());
            world.settle(a, b);
            assertThat(a.column(query)).isEqualTo(b.column(query));
            return a.column(query);
        }
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String code(String text) {
        return "`" + text + "`";
    }

    private static void holds(String page, CharSequence table) throws IOException {
        Path path = Path.of("../docs/rules").resolve(page);
        String text = Files.readString(path);
        Matcher place = TABLE.matcher(text);
        assertThat(place.find()).as("a place for the table of " + page).isTrue();
        String right = place.replaceFirst(Matcher.quoteReplacement("<!-- shown -->\n" + table + "<!-- end -->"));
        if ("write".equals(System.getProperty("anabranch.docs"))) {
            Files.writeString(path, right);
        } else {
            assertThat(text).as(page).isEqualTo(right);
        }
    }
}
