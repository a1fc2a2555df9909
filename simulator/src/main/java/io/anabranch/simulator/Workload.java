// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.TableRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What applications do in a simulation. An entry of the ledger has two halves, an amount each and perhaps a parent that was
 * there; one transaction writes both and adds the amounts to the tally. So at any time, at any replica, the tally is the sum
 * of the ledger, no half stands alone and no child without its parent: see {@link LedgerOracle}. Rows of the other tables
 * are edited, deleted and inserted again by all at once.
 */
final class Workload {
    static final List<String> TABLES = List.of("ledger", "tally", "item", "note");

    /** The item that every entry of the ledger takes from, and that nothing else touches. */
    static final String SHELF = "shelf";

    static final int SHELF_STOCK = 100;

    private static final String[] ITEMS = {"cup", "pot", "pan", "jar"};

    private static final String[] TAGS = {"[]", "[\"a\"]", "[\"a\",\"b\"]", "[\"b\",\"c\"]", "[\"c\"]"};

    private Workload() {}

    /** Makes and enrols the tables. */
    static void setUp(SimulatedReplica replica) {
        replica.sql("CREATE TABLE ledger(id TEXT PRIMARY KEY, parent TEXT, amount INTEGER NOT NULL)");
        replica.sql("CREATE TABLE tally(id TEXT PRIMARY KEY, n INTEGER NOT NULL)");
        replica.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER, price NUMERIC,"
                + " tags TEXT, label TEXT)");
        replica.sql("CREATE TABLE note(day INTEGER, place TEXT, body, PRIMARY KEY (day, place)) WITHOUT ROWID");
        replica.sql("INSERT INTO tally VALUES ('all', 0)");
        replica.sql("INSERT INTO item VALUES ('cup', 'Cup', 5, 1.5, '[]', NULL), ('" + SHELF + "', 'Shelf', "
                + SHELF_STOCK + ", NULL, '[]', NULL)");
        replica.enrol("ledger", TableRules.defaults());
        replica.enrol("tally", TableRules.defaults().counter("n"));
        replica.enrol("item", TableRules.defaults().counter("stock").set("tags").mv("label"));
        replica.enrol("note", TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS));
    }

    /** Returns whether all tables are there: a replica that begins empty gets them one by one. */
    static boolean isReady(SimulatedReplica replica) {
        return replica.hasTables(TABLES);
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

    /** Returns the statements of one transaction on the other tables. */
    static List<String> edits(int mark, Random random) {
        List<String> statements = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            statements.add(edit(mark, random));
        }
        return statements;
    }

    private static String edit(int mark, Random random) {
        String item = "'" + ITEMS[random.nextInt(ITEMS.length)] + "'";
        String note = "day = " + random.nextInt(2) + " AND place = 'x'";
        return switch (random.nextInt(14)) {
            case 0 ->
                "INSERT OR IGNORE INTO item VALUES (" + item + ", 't" + mark + "', 3, '" + mark + "', '[\"x\"]', 'l')";
            case 1 -> "INSERT OR REPLACE INTO item VALUES (" + item + ", 'r" + mark + "', 7, NULL, NULL, NULL)";
            case 2, 3 -> "UPDATE item SET stock = stock - " + random.nextInt(3) + " WHERE id = " + item;
            case 4 -> "UPDATE item SET title = 'u" + mark + "', stock = stock + 4 WHERE id = " + item;
            case 5 -> "UPDATE item SET price = " + mark + ".25 WHERE id = " + item;
            case 6 -> "DELETE FROM item WHERE id = " + item;
            case 7 ->
                "UPDATE item SET id = 'urn' WHERE id = " + item
                        + " AND NOT EXISTS (SELECT 1 FROM item WHERE id = 'urn')";
            case 8 -> "INSERT OR REPLACE INTO note VALUES (" + random.nextInt(2) + ", 'x', 'n" + mark + "')";
            case 11, 12 -> "UPDATE item SET tags = '" + TAGS[random.nextInt(TAGS.length)] + "' WHERE id = " + item;
            case 13 -> "UPDATE item SET label = 'l" + mark + "' WHERE id = " + item;
            case 9 -> "UPDATE note SET body = x'0" + mark % 10 + "' WHERE " + note;
            default -> "DELETE FROM note WHERE " + note;
        };
    }

    /** Returns a statement whose values a rule cannot take. */
    static String poison(Random random) {
        String item = "'" + ITEMS[random.nextInt(ITEMS.length)] + "'";
        return switch (random.nextInt(4)) {
            case 0 -> "UPDATE item SET stock = 'oops', title = 'poison' WHERE id = " + item;
            case 1 -> "UPDATE item SET stock = 9223372036854775807 WHERE id = " + item;
            case 2 -> "UPDATE item SET tags = 'no array', label = NULL WHERE id = " + item;
            default ->
                "INSERT OR REPLACE INTO item VALUES (" + item + ", CAST(x'ff00fe' AS TEXT), 1.5, 'x', '{}', NULL)";
        };
    }
}
