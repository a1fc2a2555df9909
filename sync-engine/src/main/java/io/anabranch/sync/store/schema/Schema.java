// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What SQLite's own catalogue has of the application's tables and of all triggers, read once for each version of the schema. To
 * ask again costs a look at the version. Confined to one connection.
 */
public final class Schema {
    private static final long UNKNOWN = -1;

    private final SqlDatabase db;
    private final List<Facts<?>> facts = new ArrayList<>();
    private long version = UNKNOWN;
    private boolean isHeld;
    /** The application's tables and indexes by their names in small letters. */
    private Map<String, Entry> entries = Map.of();

    private Map<String, Entry> triggers = Map.of();

    Schema(SqlDatabase db) {
        this.db = db;
    }

    /**
     * A row of {@code sqlite_master}.
     *
     * @param table which it belongs to
     * @param sql that made it; empty for what SQLite made itself
     */
    public record Entry(String type, String name, String table, String sql) {
        boolean isTable() {
            return type.equals("table");
        }
    }

    /** Makes the next question read everything: after a rollback, one number may stand for two schemas. */
    public void forget() {
        version = UNKNOWN;
    }

    /** Answers from one version of the schema all that {@code work} asks, which changes nothing about it. */
    public <T> T held(Supplier<T> work) {
        refresh();
        boolean before = isHeld;
        isHeld = true;
        try {
            return work.get();
        } finally {
            isHeld = before;
        }
    }

    /** Returns the application's tables, and SQLite's own. */
    List<Entry> tables() {
        refresh();
        List<Entry> tables = new ArrayList<>(entries.values());
        tables.removeIf(entry -> !entry.isTable());
        return tables;
    }

    /** Returns a table of the application, whatever the case of the letters; null if there is none. */
    @Nullable
    Entry table(String name) {
        refresh();
        return entries.get("table " + name.toLowerCase(Locale.ROOT));
    }

    /** Returns the statement that made an index; empty if SQLite made it for a constraint. */
    String indexSql(String name) {
        refresh();
        Entry entry = entries.get("index " + name.toLowerCase(Locale.ROOT));
        return entry == null ? "" : entry.sql;
    }

    /** Returns a trigger, ours or the application's; null if there is none. */
    public @Nullable Entry trigger(String name) {
        refresh();
        return triggers.get(name);
    }

    /** Returns whether the file has triggers of the application. */
    public boolean hasApplicationTriggers() {
        refresh();
        return triggers.keySet().stream().anyMatch(name -> !isOurs(name));
    }

    /** Returns whether a table of the file may have a foreign key. */
    public boolean hasForeignKeys() {
        refresh();
        return entries.values().stream()
                .anyMatch(entry ->
                        entry.isTable() && entry.sql.toUpperCase(Locale.ROOT).contains("REFERENCES"));
    }

    private void refresh() {
        if (isHeld) {
            return;
        }
        long now = db.queryLong("PRAGMA schema_version");
        if (now == version) {
            return;
        }
        Map<String, Entry> before = entries;
        read();
        version = now;
        if (!entries.equals(before)) {
            facts.forEach(each -> each.known.clear());
        }
    }

    private void read() {
        Map<String, Entry> ofTables = new TreeMap<>();
        Map<String, Entry> ofTriggers = new HashMap<>();
        SqlStatement query = db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_master"
                + " WHERE type = 'trigger' OR tbl_name NOT LIKE '\\_ab\\_%' ESCAPE '\\'");
        while (query.step()) {
            Entry entry = new Entry(text(query, 0), text(query, 1), text(query, 2), text(query, 3));
            if (entry.type.equals("trigger")) {
                ofTriggers.put(entry.name, entry);
            } else {
                ofTables.put(entry.type + " " + entry.name.toLowerCase(Locale.ROOT), entry);
            }
        }
        entries = ofTables;
        triggers = ofTriggers;
    }

    /** Returns whether a table or trigger has one of the names that applications leave alone. */
    public static boolean isOurs(String name) {
        return name.regionMatches(true, 0, "_ab_", 0, 4);
    }

    private static String text(SqlStatement row, int column) {
        String text = row.getText(column);
        return text == null ? "" : text;
    }

    /**
     * Something about each table, by its name, worked out when it is first asked for. It holds until a table or an index of the
     * application is another: triggers change nothing about a table.
     */
    <T> Facts<T> facts(Function<String, T> read) {
        Facts<T> made = new Facts<>(this, read);
        facts.add(made);
        return made;
    }

    /** See {@link Schema#facts}. */
    static final class Facts<T> {
        private final Schema schema;
        private final Function<String, T> read;
        private final Map<String, T> known = new HashMap<>();

        private Facts(Schema schema, Function<String, T> read) {
            this.schema = schema;
            this.read = read;
        }

        /** @param table or whatever else has a name in the schema */
        T of(String table) {
            schema.refresh();
            T fact = known.get(table);
            if (fact == null) {
                fact = read.apply(table);
                known.put(table, fact);
            }
            return fact;
        }
    }
}
