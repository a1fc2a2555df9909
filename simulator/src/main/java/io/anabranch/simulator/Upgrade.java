// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.TableRules;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What newer versions of the application do to its schema, each version one thing, in this order, on each device when it is
 * upgraded. A device that joined late may have got a column with its table.
 */
enum Upgrade {
    ADD_COLOUR,
    ADD_VIEWS,
    RENAME_NOTE,
    RENAME_TITLE,
    RENAME_PLACE,
    DROP_LABEL,
    /** With a new column, by way of another table, since its triggers are lost then. */
    REBUILD_NOTE;

    /** Of a column that came with an upgrade: to be said before anything is sealed. */
    static final TableRules VIEWS = TableRules.defaults().counter("views");

    /** Returns what the next version does at {@code replica}, null if it has the newest. */
    static @Nullable Upgrade next(SimulatedReplica replica) {
        LocalSchema schema = replica.schema();
        for (Upgrade upgrade : values()) {
            if (!upgrade.isDone(schema)) {
                return upgrade;
            }
        }
        return null;
    }

    /** Returns how many of them there are at {@code replica} before the first that is not. */
    static int version(SimulatedReplica replica) {
        Upgrade next = next(replica);
        return next == null ? values().length : next.ordinal();
    }

    private boolean isDone(LocalSchema schema) {
        return switch (this) {
            case ADD_COLOUR -> schema.has("item", "colour");
            case ADD_VIEWS -> schema.has("item", "views");
            case RENAME_NOTE -> !schema.table("note").equals("note");
            case RENAME_TITLE -> !schema.column("item", "title").equals("title");
            case RENAME_PLACE -> !schema.table("place").equals("place");
            case DROP_LABEL -> !schema.has("item", "label");
            case REBUILD_NOTE -> schema.has("note", "stars");
        };
    }

    /** Does it as applications do: by their own connections but where the library has to help. */
    void run(SimulatedReplica replica) {
        switch (this) {
            case ADD_COLOUR -> replica.sql("ALTER TABLE item ADD COLUMN colour TEXT DEFAULT 'none'");
            case ADD_VIEWS -> {
                replica.sql("ALTER TABLE item ADD COLUMN views INTEGER NOT NULL DEFAULT 0");
                replica.enrol("item", VIEWS);
            }
            case RENAME_NOTE -> replica.sql("ALTER TABLE note RENAME TO memo");
            case RENAME_TITLE -> replica.sql("ALTER TABLE item RENAME COLUMN title TO name");
            case RENAME_PLACE -> replica.sql("ALTER TABLE place RENAME TO site");
            case DROP_LABEL -> replica.transaction(db -> db.execute("ALTER TABLE item DROP COLUMN label"));
            case REBUILD_NOTE -> rebuildNote(replica);
        }
    }

    /** The steps that SQLite's documentation gives for any change that ALTER TABLE cannot make. */
    private static void rebuildNote(SimulatedReplica replica) {
        String note = replica.schema().table("note");
        List.of(
                        "PRAGMA foreign_keys = OFF",
                        "BEGIN IMMEDIATE",
                        "CREATE TABLE new_note("
                                + Workload.noteColumns(replica.schema().table("place"))
                                + ", stars INTEGER DEFAULT 3, " + Workload.NOTE_KEY + ") WITHOUT ROWID",
                        "INSERT INTO new_note(day, place, via, body) SELECT day, place, via, body FROM " + note,
                        "DROP TABLE " + note,
                        "ALTER TABLE new_note RENAME TO " + note,
                        "COMMIT",
                        "PRAGMA foreign_keys = ON")
                .forEach(replica::sql);
    }
}
