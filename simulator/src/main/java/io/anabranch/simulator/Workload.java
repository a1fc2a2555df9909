// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.Setup;
import io.anabranch.sync.TableRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What applications do in a simulation. An entry of the ledger has two halves, an amount each and perhaps a parent that was
 * there; one transaction writes both and adds the amounts to the tally. So at any time, at any replica, the tally is the sum
 * of the ledger, no half stands alone and no child without its parent: see {@link LedgerOracle}. Rows of the other tables
 * are edited, deleted and inserted again by all at once.
 */
final class Workload {
    /** The columns of each table in any version, by the names that the space knows; keys first. */
    static final SortedMap<String, List<String>> COLUMNS = new TreeMap<>(Map.of(
            "ledger", List.of("id", "parent", "amount"),
            "tally", List.of("id", "n"),
            "item", List.of("id", "title", "stock", "price", "tags", "label", "colour", "views"),
            "note", List.of("day", "place", "body", "stars")));

    /** The item that every entry of the ledger takes from, and that nothing else touches. */
    static final String SHELF = "shelf";

    static final int SHELF_STOCK = 100;

    static final String NOTE_COLUMNS = "day INTEGER, place TEXT, body";

    static final String NOTE_KEY = "PRIMARY KEY (day, place)";

    private static final String[] ITEMS = {"cup", "pot", "pan", "jar"};

    private static final String[] TAGS = {"[]", "[\"a\"]", "[\"a\",\"b\"]", "[\"b\",\"c\"]", "[\"c\"]"};

    private Workload() {}

    /** Makes and enrols the tables. */
    static void setUp(SimulatedReplica replica) {
        replica.sql("CREATE TABLE ledger(id TEXT PRIMARY KEY, parent TEXT, amount INTEGER NOT NULL)");
        replica.sql("CREATE TABLE tally(id TEXT PRIMARY KEY, n INTEGER NOT NULL)");
        replica.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER, price NUMERIC,"
                + " tags TEXT, label TEXT)");
        replica.sql("CREATE TABLE note(" + NOTE_COLUMNS + ", " + NOTE_KEY + ") WITHOUT ROWID");
        replica.sql("INSERT INTO tally VALUES ('all', 0)");
        replica.sql("INSERT INTO item VALUES ('cup', 'Cup', 5, 1.5, '[]', NULL), ('" + SHELF + "', 'Shelf', "
                + SHELF_STOCK + ", NULL, '[]', NULL)");
        replica.enrol("ledger", TableRules.defaults());
        replica.enrol("tally", TableRules.defaults().counter("n"));
        replica.enrol("item", TableRules.defaults().counter("stock").set("tags").mv("label"));
        replica.enrol("note", TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS));
    }

    /** Returns what the application does whenever it opens a replica: it says the rules of what an upgrade may have added. */
    static Consumer<Setup> opening(SimulatedReplica replica) {
        boolean isUpgraded = replica.schema().has("item", "views");
        return setup -> {
            if (isUpgraded) {
                setup.enrol("item", Upgrade.VIEWS);
            }
        };
    }

    /** Returns one transaction that writes an entry of the ledger. */
    static Entry entry(String id, SimulatedReplica replica, Random random) {
        int first = random.nextInt(20) - 5;
        int second = random.nextInt(20) - 5;
        List<String> parents =
                replica.rows("SELECT id FROM ledger ORDER BY id LIMIT 1 OFFSET (SELECT max(0, count(*) - 1 - "
                        + random.nextInt(4) + ") FROM ledger)");
        String parent = parents.isEmpty() ? "NULL" : "'" + parents.get(0) + "'";
        int taken = random.nextInt(9) - 4;
        List<String> statements = List.of(
                "INSERT INTO ledger VALUES ('" + id + "a', " + parent + ", " + first + ")",
                "UPDATE tally SET n = n + " + first + " WHERE id = 'all'",
                "INSERT INTO ledger VALUES ('" + id + "b', '" + id + "a', " + second + ")",
                "UPDATE tally SET n = n + " + second + " WHERE id = 'all'",
                "UPDATE item SET stock = stock - " + taken + " WHERE id = '" + SHELF + "'");
        return new Entry(id, first, second, taken, statements);
    }

    /**
     * An entry of the ledger, as its writer knows it.
     *
     * @param first the amount of one half, and {@code second} that of the other
     * @param taken from the shelf
     */
    record Entry(String id, long first, long second, long taken, List<String> statements) {}

    /** Returns the statements of one transaction on the other tables, as a program writes them that knows that schema. */
    static List<String> edits(int mark, LocalSchema schema, Random random) {
        List<String> statements = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            statements.add(edit(mark, schema, random));
        }
        return statements;
    }

    private static String edit(int mark, LocalSchema schema, Random random) {
        String id = ITEMS[random.nextInt(ITEMS.length)];
        String item = " WHERE id = '" + id + "'";
        String title = schema.column("item", "title");
        String note = schema.table("note");
        String day = " WHERE day = " + random.nextInt(2) + " AND place = 'x'";
        return switch (random.nextInt(17)) {
            case 0 ->
                "INSERT OR IGNORE" + item(schema, id, "'t" + mark + "'", "3", "'" + mark + "'", "'[\"x\"]'", "'l'");
            case 1 -> "INSERT OR REPLACE" + item(schema, id, "'r" + mark + "'", "7", "NULL", "NULL", "NULL");
            case 2, 3 -> "UPDATE item SET stock = stock - " + random.nextInt(3) + item;
            case 4 -> "UPDATE item SET " + title + " = 'u" + mark + "', stock = stock + 4" + item;
            case 5 -> "UPDATE item SET price = " + mark + ".25" + item;
            case 6 -> "DELETE FROM item" + item;
            case 7 -> "UPDATE item SET id = 'urn'" + item + " AND NOT EXISTS (SELECT 1 FROM item WHERE id = 'urn')";
            case 8 ->
                "INSERT OR REPLACE INTO " + note + "(day, place, body) VALUES (" + random.nextInt(2) + ", 'x', 'n"
                        + mark + "')";
            case 9 -> "UPDATE " + note + " SET body = x'0" + mark % 10 + "'" + day;
            case 10 -> "DELETE FROM " + note + day;
            case 11, 12 -> "UPDATE item SET tags = '" + TAGS[random.nextInt(TAGS.length)] + "'" + item;
            case 13 -> ifThere(schema, "item", "label", "UPDATE item SET label = 'l" + mark + "'" + item);
            case 14 -> ifThere(schema, "item", "colour", "UPDATE item SET colour = 'c" + mark + "'" + item);
            case 15 -> ifThere(schema, "item", "views", "UPDATE item SET views = views + 1" + item);
            default -> ifThere(schema, "note", "stars", "UPDATE " + note + " SET stars = " + mark + day);
        };
    }

    /** An old version writes no column that it does not know, and a new one none that it has dropped. */
    private static String ifThere(LocalSchema schema, String table, String column, String sql) {
        return schema.has(table, column) ? sql : "SELECT 1";
    }

    /** Values as SQL, but the id. */
    private static String item(
            LocalSchema schema, String id, String title, String stock, String price, String tags, String label) {
        boolean hasLabel = schema.has("item", "label");
        return " INTO item(id, " + schema.column("item", "title") + ", stock, price, tags" + (hasLabel ? ", label" : "")
                + ") VALUES ('" + id + "', " + title + ", " + stock + ", " + price + ", " + tags
                + (hasLabel ? ", " + label : "") + ")";
    }

    /** Returns a statement whose values a rule cannot take. */
    static String poison(LocalSchema schema, Random random) {
        String id = ITEMS[random.nextInt(ITEMS.length)];
        String item = " WHERE id = '" + id + "'";
        return switch (random.nextInt(4)) {
            case 0 -> "UPDATE item SET stock = 'oops', " + schema.column("item", "title") + " = 'poison'" + item;
            case 1 -> "UPDATE item SET stock = 9223372036854775807" + item;
            case 2 -> "UPDATE item SET tags = 'no array'" + item;
            default -> "INSERT OR REPLACE" + item(schema, id, "CAST(x'ff00fe' AS TEXT)", "1.5", "'x'", "'{}'", "NULL");
        };
    }
}
