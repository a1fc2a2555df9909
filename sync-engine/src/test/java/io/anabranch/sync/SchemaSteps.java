// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.util.List;
import java.util.Random;

/** What applications do to the schema in {@link EverythingAtOnceTest}, each replica when it likes. */
final class SchemaSteps {
    private final Random random;

    SchemaSteps(Random random) {
        this.random = random;
    }

    /** Returns the columns of table item, as a new one has them. */
    static String columns(String title) {
        return "id TEXT PRIMARY KEY, team TEXT REFERENCES team(id), code TEXT COLLATE NOCASE UNIQUE, " + title
                + " TEXT DEFAULT 'none', n INTEGER, stock INTEGER, high, low, tags TEXT, price TEXT, amount INTEGER,"
                + " currency TEXT, views INTEGER, cart TEXT, place TEXT";
    }

    /** Changes something; returns what, nothing if that is not possible just now. */
    String step(TestReplica replica) {
        String title = title(replica);
        return switch (random.nextInt(6)) {
            case 0 -> {
                String other = title.equals("title") ? "caption" : "title";
                lookIfMadeAnew(replica);
                yield run(replica, "ALTER TABLE item RENAME COLUMN " + title + " TO " + other);
            }
            case 1 -> hasExtra(replica) ? "" : run(replica, "ALTER TABLE item ADD COLUMN extra TEXT DEFAULT 'd'");
            case 2 -> hasExtra(replica) ? dropExtra(replica) : "";
            case 3 -> rebuild(replica, title);
            case 4 -> isStatEnrolled(replica) ? renameStat(replica) : "";
            default -> dropOrEnrol(replica);
        };
    }

    private static String run(TestReplica replica, String sql) {
        replica.sql(sql);
        replica.seal(); // Nobody could tell a renamed column from another one in a table that is made anew before
        // anyone looks.
        return sql;
    }

    private static String dropExtra(TestReplica replica) {
        replica.file().transaction(db -> db.execute("ALTER TABLE item DROP COLUMN extra"));
        return "drops extra";
    }

    /** The steps that SQLite's documentation gives for any other change; the application's triggers go with the old table. */
    private static String rebuild(TestReplica replica, String title) {
        String extra = hasExtra(replica) ? ", extra TEXT DEFAULT 'd'" : "";
        String checked = replica.sqlValue("PRAGMA foreign_keys");
        replica.sql("PRAGMA foreign_keys = OFF"); // Their first step: a child may show whose parent is hidden.
        replica.sqls(
                "CREATE TABLE item_new(" + columns(title) + extra + ")",
                "INSERT INTO item_new SELECT * FROM item",
                "DROP TABLE item",
                "ALTER TABLE item_new RENAME TO item");
        replica.sql("PRAGMA foreign_keys = " + checked);
        return "rebuilds item";
    }

    /** Until somebody looks at a table that was made anew, no trigger says what a column that is renamed was. */
    private static void lookIfMadeAnew(TestReplica replica) {
        if (replica.column(
                        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '\\_ab\\_map\\_%' ESCAPE '\\'"
                                + " AND tbl_name = 'item'")
                .isEmpty()) {
            replica.seal();
        }
    }

    private static String renameStat(TestReplica replica) {
        String stat = stat(replica);
        return run(replica, "ALTER TABLE " + stat + " RENAME TO " + (stat.equals("stat") ? "stats" : "stat"));
    }

    private static String dropOrEnrol(TestReplica replica) {
        if (!isStatEnrolled(replica)) {
            replica.enrol("stat", TableRules.defaults().counter("hits"));
            return "enrols stat again";
        }
        if (stat(replica).equals("stat")) {
            replica.file().drop("stat");
            return "drops stat";
        }
        return "";
    }

    static boolean hasExtra(TestReplica replica) {
        return columns(replica).contains("extra");
    }

    static String title(TestReplica replica) {
        return columns(replica).contains("caption") ? "caption" : "title";
    }

    private static List<String> columns(TestReplica replica) {
        return replica.column("SELECT name FROM pragma_table_info('item')");
    }

    /** Returns what table stat is called here. */
    static String stat(TestReplica replica) {
        return replica.sqlValue("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('stat', 'stats')");
    }

    static boolean isStatEnrolled(TestReplica replica) {
        return replica.sqlValue("SELECT count(local) FROM _ab_table WHERE name = 'stat'")
                .equals("1");
    }
}
