// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.Setup;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.ForeignKeyRule;
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
 * are edited, deleted and inserted again by all at once, see {@link Edits}.
 */
final class Workload {
    /** The columns of each table in any version, by the names that the space knows; keys first. */
    static final SortedMap<String, List<String>> COLUMNS = new TreeMap<>(Map.of(
            "ledger", List.of("id", "parent", "amount"),
            "tally", List.of("id", "n"),
            "item", List.of("id", "title", "stock", "price", "tags", "label", "colour", "views"),
            "place", List.of("id", "name", "floor", "roof", "high", "low", "visits", "seats"),
            "note", List.of("day", "place", "via", "body", "stars")));

    static final String NOTE_KEY = "PRIMARY KEY (day, place)";

    /** The item that every entry of the ledger takes from, and that nothing else touches. */
    static final String SHELF = "shelf";

    static final int SHELF_STOCK = 100;

    private Workload() {}

    /** Makes and enrols the tables. */
    static void setUp(SimulatedReplica replica) {
        replica.sql("CREATE TABLE ledger(id TEXT PRIMARY KEY, parent TEXT, amount INTEGER NOT NULL)");
        replica.sql("CREATE TABLE tally(id TEXT PRIMARY KEY, n INTEGER NOT NULL)");
        replica.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER, price NUMERIC,"
                + " tags TEXT, label TEXT)");
        replica.sql("CREATE TABLE place(id TEXT PRIMARY KEY, name TEXT UNIQUE, floor INTEGER, roof INTEGER, high, low,"
                + " visits INTEGER, seats INTEGER, CHECK (floor <= roof))");
        replica.sql("CREATE TABLE note(" + noteColumns("place") + ", " + NOTE_KEY + ") WITHOUT ROWID");
        replica.sql("INSERT INTO tally VALUES ('all', 0)");
        replica.sql("INSERT INTO item VALUES ('cup', 'Cup', 5, 1.5, '[]', NULL), ('" + SHELF + "', 'Shelf', "
                + SHELF_STOCK + ", NULL, '[]', NULL)");
        replica.sql("INSERT INTO place VALUES ('x', 'North', 1, 3, 0, 0, 0, 5), ('y', NULL, 0, 9, 0, 0, 0, 0)");
        replica.sql("INSERT INTO note VALUES (0, 'x', NULL, 'Sunday'), (1, 'y', 'x', 'Monday')");
        replica.enrol("ledger", TableRules.defaults());
        replica.enrol("tally", TableRules.defaults().counter("n"));
        replica.enrol("item", TableRules.defaults().counter("stock").set("tags").mv("label"));
        replica.enrol(
                "place",
                TableRules.defaults().max("high").min("low").gcounter("visits").bounded("seats", 0));
        replica.enrol(
                "note",
                TableRules.defaults()
                        .onDelete(DeletePolicy.DELETE_WINS)
                        .foreignKey("place", ForeignKeyRule.HIDE)
                        .foreignKey("via", ForeignKeyRule.REVIVE));
    }

    /** Returns the columns of table note, of whose key {@link #NOTE_KEY} tells, where the table of places is called so. */
    static String noteColumns(String place) {
        return "day INTEGER, place TEXT REFERENCES " + place + "(id) ON DELETE CASCADE, via TEXT REFERENCES " + place
                + "(id) ON DELETE SET NULL, body";
    }

    /**
     * Returns what the application does whenever it opens a replica: it has SQLite look after its
     * foreign keys, and says the rules of what an upgrade may have added.
     */
    static Consumer<Setup> opening(SimulatedReplica replica) {
        replica.sql("PRAGMA foreign_keys = ON");
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
}
