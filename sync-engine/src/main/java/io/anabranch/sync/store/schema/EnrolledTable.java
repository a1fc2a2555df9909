// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table of the space as this file knows it, with the SQL that reads and writes its rows. Immutable; the catalog makes a
 * new one when anything about it changes.
 */
public final class EnrolledTable {
    /** SQLITE_MAX_COLUMN, unless SQLite was built otherwise. */
    private static final int MAX_RESULT_COLUMNS = 2_000;

    /** How many rows a statement writes that writes a few. */
    public static final int FEW = 10;

    /** An older SQLite takes no more than 999. */
    private static final int MAX_PARAMETERS = 900;

    private final long id;
    private final TableDefinition definition;
    private final @Nullable String localName;
    private final List<Column> columns;
    private final List<Column> shown;
    private final Set<String> shownLabels;
    private final List<Column> grouped = new ArrayList<>();
    private final boolean hasRights;
    private final Map<String, Column> byName = new HashMap<>();
    private final List<String> keyNames = new ArrayList<>();
    private final List<String> localKeyNames;
    private final List<Affinity> keyAffinities;

    private final String selectSql;
    private final String selectFewSql;
    private final boolean joinsRows;
    private final String joinPendingSql;
    private final @Nullable String rowidName;
    private final String joinFewPendingSql;
    private final String insertSql;
    private final String insertFewSql;
    private final String updateSql;
    private final String deleteSql;

    /**
     * @param localName the application's table; null if it is not enrolled in this file
     * @param localKeyNames what the columns of the key are called there, in the order of the key
     * @param keyAffinities what they make of values
     * @param hasConflictClause whether its definition may say what becomes of a row that breaks a constraint
     * @param rowidName what its rowid is called; null if it has none beside its key, or no name for it
     */
    public EnrolledTable(
            long id,
            TableDefinition definition,
            @Nullable String localName,
            List<String> localKeyNames,
            List<Affinity> keyAffinities,
            boolean hasConflictClause,
            @Nullable String rowidName,
            List<Column> columns) {
        this.id = id;
        this.rowidName = rowidName;
        this.definition = definition;
        this.localName = localName;
        this.localKeyNames = localKeyNames;
        this.keyAffinities = keyAffinities;
        this.columns = columns;
        shown = new ArrayList<>();
        for (Column column : columns) {
            byName.put(column.name, column);
            if (column.isLocal()) {
                shown.add(column);
                if (!column.rule().group().isEmpty()) {
                    grouped.add(column);
                }
            }
        }
        shownLabels = Set.copyOf(shown.stream().map(Column::label).collect(Collectors.toList()));
        hasRights = shown.stream().anyMatch(column -> column.rule().kind() == Rule.Kind.BOUNDED);
        definition.primaryKey().forEach(column -> keyNames.add(column.name()));
        String table = Sql.name(localName == null ? definition.name() : localName);
        String where = where(table + ".");
        String select = list("t.", localKeyNames) + (shown.isEmpty() ? "" : ", " + list("t.", names(shown)));
        selectSql = "SELECT " + select + " FROM " + table + " AS t WHERE " + where("t.");
        selectFewSql = "SELECT " + select + " FROM _ab_wanted CROSS JOIN " + table + " AS t ON "
                + joinCondition("_ab_wanted.k");
        // In order of key, and within it of time. The limit keeps SQLite from sorting whole rows instead.
        String pending = "(SELECT * FROM _ab_pending WHERE tbl = ? AND scratch = 0 ORDER BY "
                + pending("k", keyNames.size()) + ", id LIMIT -1) AS p";
        String noted = "p.at, " + pending("p.k", keyNames.size()) + ", " + pending("p.m", maskColumns());
        joinsRows = 1 + maskColumns() + 2 * keyNames.size() + shown.size() <= MAX_RESULT_COLUMNS;
        joinPendingSql = "SELECT " + noted + (joinsRows ? ", " + select : "") + " FROM " + pending
                + (joinsRows ? " LEFT JOIN " + table + " AS t ON " + joinCondition("p.k") : "");
        joinFewPendingSql = "SELECT " + noted + ", " + isNotedKey()
                + (shown.isEmpty() ? "" : ", " + list("t.", names(shown))) + " FROM _ab_pending AS p LEFT JOIN " + table
                + " AS t ON " + (rowidName == null ? joinCondition("p.k") : "t." + rowidName + " = p.r")
                + " WHERE p.tbl = ? AND p.scratch = 0";
        // A clause here would stand for those of statements in triggers too, and make an OR IGNORE there abort.
        String orAbort = hasConflictClause ? " OR ABORT" : "";
        String row = "(" + parameters(keyNames.size() + shown.size()) + ")";
        insertSql = "INSERT" + orAbort + " INTO " + table + "(" + list("", localKeyNames)
                + (shown.isEmpty() ? "" : ", " + list("", names(shown))) + ") VALUES " + row;
        insertFewSql = insertSql + ", " + String.join(", ", Collections.nCopies(FEW - 1, row));
        updateSql = "UPDATE" + orAbort + " " + table + " SET " + assignments() + " WHERE " + where;
        deleteSql = "DELETE FROM " + table + " WHERE " + where;
    }

    private String joinCondition(String key) {
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < localKeyNames.size(); i++) {
            terms.add("t." + Sql.name(localKeyNames.get(i)) + " = " + key + i);
        }
        return String.join(" AND ", terms);
    }

    /** Exactly, whatever the columns' types and collations. */
    private String isNotedKey() {
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < localKeyNames.size(); i++) {
            String key = "t." + Sql.name(localKeyNames.get(i));
            terms.add("typeof(" + key + ") = typeof(p.k" + i + ") AND +" + key + " COLLATE BINARY = +p.k" + i);
        }
        return String.join(" AND ", terms);
    }

    private String where(String prefix) {
        List<String> terms = new ArrayList<>();
        for (String key : localKeyNames) {
            terms.add(prefix + Sql.name(key) + " = ?");
        }
        return String.join(" AND ", terms);
    }

    private String assignments() {
        List<String> terms = new ArrayList<>();
        for (Column column : shown) {
            terms.add(Sql.name(column.localName()) + " = ?");
        }
        return String.join(", ", terms);
    }

    private static String list(String prefix, List<String> names) {
        List<String> quoted = new ArrayList<>();
        for (String name : names) {
            quoted.add(prefix + Sql.name(name));
        }
        return String.join(", ", quoted);
    }

    private static String pending(String prefix, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(prefix + i);
        }
        return String.join(", ", names);
    }

    private static String parameters(int count) {
        List<String> marks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            marks.add("?");
        }
        return String.join(", ", marks);
    }

    private static List<String> names(List<Column> columns) {
        List<String> names = new ArrayList<>();
        for (Column column : columns) {
            names.add(column.localName());
        }
        return names;
    }

    public long id() {
        return id;
    }

    /** Returns the name on the wire. */
    public String name() {
        return definition.name();
    }

    public @Nullable String localName() {
        return localName;
    }

    /** Returns what the application calls the table, which is in this file. */
    public String requireLocal() {
        if (localName == null) {
            throw new AssertionError("table " + this + " is not in this file");
        }
        return localName;
    }

    /** Returns what people here call it: the application's name for it, if it has it. */
    public String label() {
        return localName == null ? name() : localName;
    }

    public boolean isLocal() {
        return localName != null;
    }

    public TableDefinition definition() {
        return definition;
    }

    public DeletePolicy onDelete() {
        return definition.onDelete();
    }

    /** Returns the names of the key's columns on the wire. */
    public List<String> keyNames() {
        return keyNames;
    }

    /** Returns the column of the key here that would make something else of a value; null if none does. */
    public @Nullable String columnThatAlters(List<Value> key) {
        for (int i = 0; i < key.size(); i++) {
            if (!keyAffinities.get(i).keepsKey(key.get(i))) {
                return localKeyNames.get(i);
            }
        }
        return null;
    }

    /** Returns what the key's columns are called in the application's table. */
    public List<String> localKeyNames() {
        return localKeyNames;
    }

    /** Returns all columns but the key's, known here or only elsewhere, by their number. */
    public List<Column> columns() {
        return columns;
    }

    /** Returns the columns that the application's table shows, the key's excepted. */
    public List<Column> shown() {
        return shown;
    }

    /** Returns what people here call these columns: one set for all who want it. */
    public Set<String> shownLabels() {
        return shownLabels;
    }

    /** Returns whether a shown column is a bounded counter. */
    public boolean hasRights() {
        return hasRights;
    }

    /** Returns the shown columns that are written together with others. */
    public List<Column> grouped() {
        return grouped;
    }

    public @Nullable Column column(String name) {
        return byName.get(name);
    }

    /** Returns the column that people here call {@code label}, whatever the case of its letters; null if there is none. */
    public @Nullable Column labelled(String label) {
        for (Column column : columns) {
            if (column.label().equalsIgnoreCase(label)) {
                return column;
            }
        }
        return null;
    }

    /** Returns how many integers a mask over the shown columns takes: 62 bits each, so that none turns negative. */
    public int maskColumns() {
        int most = 1;
        for (Column column : shown) {
            most = Math.max(most, column.maskIndex() + 1);
        }
        return most;
    }

    /** Selects key and shown columns by key. */
    public String selectSql() {
        return selectSql;
    }

    /** Selects key and shown columns by the keys {@code k0}, {@code k1} … of a table {@code _ab_wanted} yet to be said. */
    public String selectFewSql() {
        return selectFewSql;
    }

    /** Returns whether {@link #joinPendingSql} gives the rows too. A very wide table leaves no room for them. */
    public boolean joinsRows() {
        return joinsRows;
    }

    /** Selects what was captured of this table, in order of key: at, key, masks, then key and shown columns as they are now. */
    public String joinPendingSql() {
        return joinPendingSql;
    }

    /** Returns what the table's rowid is called; null if it has none beside its key, or no name for it. */
    public @Nullable String rowidName() {
        return rowidName;
    }

    /**
     * Selects what was captured of this table, as it was noted: at, key, masks, whether the row was found where it was then,
     * then shown columns as they are now. For a table that {@link #joinsRows}.
     */
    public String joinFewPendingSql() {
        return joinFewPendingSql;
    }

    /** Inserts key and shown columns. */
    public String insertSql() {
        return insertSql;
    }

    /** As {@link #insertSql}, for {@link #FEW} rows. Only if {@link #takesFew}. */
    public String insertFewSql() {
        return insertFewSql;
    }

    /** Returns whether a statement has room for the values of a few rows. */
    public boolean takesFew() {
        return FEW * (keyNames.size() + shown.size()) <= MAX_PARAMETERS;
    }

    /** Sets the shown columns by key. Only if there are any. */
    public String updateSql() {
        return updateSql;
    }

    public String deleteSql() {
        return deleteSql;
    }

    @Override
    public String toString() {
        return name();
    }

    /**
     * A column outside the key.
     *
     * @param id counts from 0 in the order in which columns became known to this file; also its bit in a mask
     * @param name on the wire, for ever
     * @param local what the application's table calls it; null if that has no such column
     * @param defaultValue what a row shows that no write of the column reached
     */
    public record Column(
            int id, String name, Rule rule, @Nullable String local, Affinity affinity, Value defaultValue) {
        public static final int MASK_BITS = 62;

        public boolean isLocal() {
            return local != null;
        }

        /** Returns what people here call it: the application's name for it, if it has it. */
        public String label() {
            return local == null ? name : local;
        }

        /** Returns what the application's table calls it. Only if that has it. */
        public String localName() {
            if (local == null) {
                throw new AssertionError("column " + name + " is not in the application's table");
            }
            return local;
        }

        public int maskIndex() {
            return id / MASK_BITS;
        }

        public long maskBit() {
            return 1L << (id % MASK_BITS);
        }
    }
}
