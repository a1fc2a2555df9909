// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.CaptureTriggers;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@code _ab_table} and {@code _ab_column} again, whatever somebody made of them. What the space declared comes from the log;
 * which of the application's tables and columns these are, from the triggers, which SQLite keeps for every table, and from what
 * the rows still say. Confined to one connection, in a write transaction of the caller's.
 *
 * <pre>
 *   log, snapshot ──► names, definitions, rules, who declared them
 *   _ab_ins_7     ──► table 7 is the application's item
 *   _ab_map_7     ──► its column 0 is called title here
 * </pre>
 */
public final class CatalogRestorer {
    private final SqlDatabase db;
    private final TableInspector inspector;
    private final String file;
    private final SortedMap<String, DeclaredTable> declared;
    private final Map<Long, String> triggered;
    private final SortedMap<Long, Row> rows = new TreeMap<>();
    /** The numbers of the tables of the space, by their names. */
    private final SortedMap<String, Long> numbers = new TreeMap<>();

    CatalogRestorer(SqlDatabase db, TableInspector inspector, String file, SortedMap<String, DeclaredTable> declared) {
        this.db = db;
        this.inspector = inspector;
        this.file = file;
        this.declared = declared;
        this.triggered = CatalogDamage.triggeredTables(db);
    }

    /** Returns the tables of the space that were not what they must be. */
    Set<String> restore() {
        read();
        moveBack();
        number();
        Set<String> altered = write();
        String damage = CatalogDamage.find(db);
        if (damage != null) {
            throw cannotRepair(damage);
        }
        return altered;
    }

    private SyncException.BadFile cannotRepair(String why) {
        return new SyncException.BadFile(
                "cannot repair " + file + ": " + why
                        + "; restore a backup, or make a new replica of the space with 'anabranch init' and sync it",
                null);
    }

    // ---- Which row is which table

    private void read() {
        SqlStatement query = db.prepare("SELECT id, name, local, local_key, made, definition FROM _ab_table");
        while (query.step()) {
            byte[] key = query.getBlob(3);
            Integer keys = CatalogDamage.names(key);
            rows.put(
                    query.getLong(0),
                    new Row(
                            query.getText(1),
                            query.getText(2),
                            keys == null || keys == 0 ? null : key,
                            query.getLong(4),
                            CatalogDamage.definition(query.getBlob(5))));
        }
    }

    /** A row whose number was altered has that back which the triggers of its table know. */
    private void moveBack() {
        for (Map.Entry<Long, String> trigger : triggered.entrySet()) {
            Long moved = null;
            for (Map.Entry<Long, Row> row : rows.entrySet()) {
                if (!triggered.containsKey(row.getKey()) && trigger.getValue().equalsIgnoreCase(row.getValue().local)) {
                    moved = row.getKey();
                }
            }
            if (moved != null && !rows.containsKey(trigger.getKey())) {
                rows.put(trigger.getKey(), rows.remove(moved));
            }
        }
    }

    private void number() {
        Set<Long> free = new TreeSet<>(rows.keySet());
        free.addAll(triggered.keySet());
        claim(free, id -> row(id).isWhole() ? row(id).name : null);
        claim(free, id -> row(id).name);
        claim(free, id -> row(id).definedName());
        claim(free, triggered::get);
        Set<String> missing = new TreeSet<>(declared.keySet());
        missing.removeAll(numbers.keySet());
        if (missing.size() == 1 && free.size() == 1) {
            numbers.put(missing.iterator().next(), free.iterator().next());
            return;
        }
        for (long id : free) {
            if (triggered.containsKey(id)) {
                throw cannotRepair("nothing says which table of the space " + triggered.get(id)
                        + " is, since rows of _ab_table are gone or were altered");
            }
        }
        long next = db.queryLong("SELECT max(ifnull((SELECT max(id) FROM _ab_table), 0),"
                + " ifnull((SELECT max(tbl) FROM _ab_column), 0), ifnull((SELECT max(tbl) FROM _ab_row), 0))");
        for (String name : missing) {
            next++;
            numbers.put(name, next);
        }
    }

    private void claim(Set<Long> free, Name name) {
        for (long id : new ArrayList<>(free)) {
            String said = name.of(id);
            if (said != null && declared.containsKey(said) && numbers.putIfAbsent(said, id) == null) {
                free.remove(id);
            }
        }
    }

    private Row row(long id) {
        return rows.getOrDefault(id, Row.NONE);
    }

    // ---- What they must be

    private Set<String> write() {
        Map<String, String> before = contents();
        Map<Long, Map<String, Entry>> entries = new HashMap<>();
        numbers.values().forEach(id -> entries.put(id, entries(id)));
        db.execute("DELETE FROM _ab_table");
        db.execute("DELETE FROM _ab_column");
        numbers.forEach((name, id) -> {
            writeTable(name, id);
            writeColumns(name, id, entries.getOrDefault(id, Map.of()));
        });
        Set<String> altered = new TreeSet<>();
        contents().forEach((name, content) -> {
            if (!content.equals(before.get(name))) {
                altered.add(name);
            }
        });
        return altered;
    }

    private void writeTable(String name, long id) {
        DeclaredTable table = declared(name);
        Row row = row(id);
        String local = triggered.getOrDefault(id, row.local);
        boolean isSensible = row.made == 1 || row.made == 2 && local == null;
        SqlStatement insert =
                db.prepare("INSERT INTO _ab_table(id, name, local, local_key, made, definition, rank, origin)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        insert.bind(1, id)
                .bind(2, name)
                .bind(5, isSensible ? row.made : 0)
                .bind(6, table.with(row.definition).bytes())
                .bind(7, table.by().rank())
                .bind(8, table.by().origin().bytes());
        if (row.localKey == null) {
            insert.bindNull(4);
        } else {
            insert.bind(4, row.localKey);
        }
        (local == null ? insert.bindNull(3) : insert.bind(3, local)).run();
    }

    /**
     * The numbers of the columns that the triggers know stay, since what is captured goes by them. The others are numbered so that none
     * is left out.
     */
    private void writeColumns(String name, long id, Map<String, Entry> entries) {
        SortedMap<String, DeclaredTable.Column> wanted = declared(name).columns();
        SortedMap<Integer, String> here = new TreeMap<>();
        CaptureTriggers.columnsOf(inspector.schema(), id).forEach((number, local) -> {
            if (number.startsWith("c")) {
                here.put(Integer.valueOf(number.substring(1)), local);
            }
        });
        SortedMap<Integer, String> placed = new TreeMap<>();
        Set<String> left = new TreeSet<>(wanted.keySet());
        entries.forEach((column, entry) -> {
            if (entry.isUndeclared) {
                left.add(column);
            }
        });
        here.forEach((number, local) -> {
            String column = nameOf(number, local, entries, left);
            if (column != null) {
                placed.put(number, column);
                left.remove(column);
            }
        });
        here.forEach(
                (number,
                        local) -> { // One that was renamed and lost its name on the wire, or of which the space has not
                    // heard.
                    if (!placed.containsKey(number)) {
                        String column = left.size() == 1 ? left.iterator().next() : local;
                        for (int n = 2; placed.containsValue(column); n++) {
                            column = local + "#" + n;
                        }
                        placed.put(number, column);
                        left.remove(column);
                    }
                });
        int size = placed.size() + left.size();
        for (String column : new ArrayList<>(left)) {
            Entry entry = entries.get(column);
            if (entry != null && entry.number >= 0 && entry.number < size && !placed.containsKey(entry.number)) {
                placed.put(entry.number, column);
                left.remove(column);
            }
        }
        int next = 0;
        for (String column : left) {
            while (placed.containsKey(next)) {
                next++;
            }
            placed.put(next, column);
        }
        placed.forEach((number, column) -> {
            Entry entry = entries.get(column);
            writeColumn(
                    id,
                    number,
                    column,
                    wanted.get(column),
                    here.getOrDefault(number, entry == null ? null : entry.local));
        });
    }

    /** Returns what the column is called on the wire that the triggers know by a number, and SQLite by a name. */
    private static @Nullable String nameOf(int number, String local, Map<String, Entry> entries, Set<String> left) {
        for (String column : left) {
            Entry entry = entries.get(column);
            if (entry != null && (entry.number == number || local.equals(entry.local))) {
                return column;
            }
        }
        return left.contains(local) && !entries.containsKey(local) ? local : null;
    }

    private void writeColumn(
            long table, int number, String name, DeclaredTable.@Nullable Column column, @Nullable String local) {
        SqlStatement insert = db.prepare(
                "INSERT INTO _ab_column(tbl, id, name, rule, rank, origin, local)" + " VALUES (?, ?, ?, ?, ?, ?, ?)");
        insert.bind(1, table)
                .bind(2, number)
                .bind(3, name)
                .bind(4, column == null ? Rule.LWW.spec() : column.rule().spec())
                .bind(5, column == null ? Catalog.UNDECLARED : column.by().rank())
                .bind(6, (column == null ? Origin.of(0, 0) : column.by().origin()).bytes());
        (local == null ? insert.bindNull(7) : insert.bind(7, local)).run();
    }

    private DeclaredTable declared(String name) {
        DeclaredTable table = declared.get(name);
        if (table == null) {
            throw new AssertionError("nobody declared " + name);
        }
        return table;
    }

    // ---- What there is

    private Map<String, Entry> entries(long table) {
        Map<String, Entry> entries = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT name, id, local, rank FROM _ab_column WHERE tbl = ?")
                .bind(1, table);
        while (query.step()) {
            entries.put(
                    String.valueOf(query.getText(0)),
                    new Entry((int) query.getLong(1), query.getText(2), query.getLong(3) == Catalog.UNDECLARED));
        }
        return entries;
    }

    /** Returns all that is said of each table, by its name. */
    private Map<String, String> contents() {
        Map<String, String> contents = new TreeMap<>();
        SqlStatement query =
                db.prepare("SELECT t.name, quote(t.id) || quote(t.local) || quote(t.local_key) || quote(t.made)"
                        + " || quote(t.definition) || quote(t.rank) || quote(t.origin), ifnull((SELECT group_concat(quote(c.id)"
                        + " || quote(c.name) || quote(c.rule) || quote(c.rank) || quote(c.origin) || quote(c.local)) FROM"
                        + " (SELECT * FROM _ab_column WHERE tbl = t.id ORDER BY id) AS c), '') FROM _ab_table AS t");
        while (query.step()) {
            contents.put(String.valueOf(query.getText(0)), query.getText(1) + " " + query.getText(2));
        }
        return contents;
    }

    /** A row of {@code _ab_table}, as far as it can be read. */
    private record Row(
            @Nullable String name,
            @Nullable String local,
            byte @Nullable [] localKey,
            long made,
            @Nullable TableDefinition definition) {
        static final Row NONE = new Row(null, null, null, 0, null);

        boolean isWhole() {
            return name != null && name.equals(definedName());
        }

        @Nullable
        String definedName() {
            return definition == null ? null : definition.name();
        }
    }

    /** A row of {@code _ab_column}. */
    private record Entry(int number, @Nullable String local, boolean isUndeclared) {}

    private interface Name {
        @Nullable
        String of(long id);
    }
}
