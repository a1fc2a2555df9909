// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableDefinition.Column;
import io.anabranch.sync.change.TableDefinition.ForeignKey;
import io.anabranch.sync.change.TableDefinition.Index;
import io.anabranch.sync.change.TableDefinition.IndexColumn;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes DDL from a definition that came from elsewhere. Every word is a keyword of ours, a quoted identifier, a literal,
 * or a type that consists of letters and lengths: nothing received is executed.
 */
public final class Ddl {
    static final Set<String> CLOCK_DEFAULTS = Set.of("CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME");

    private static final Set<String> ACTIONS = Set.of("RESTRICT", "SET NULL", "SET DEFAULT", "CASCADE");
    private static final Pattern PLAIN_TYPE = Pattern.compile("[A-Za-z][A-Za-z0-9]*( ?\\([0-9]+( ?, ?[0-9]+)?\\))?");
    private static final Set<String> NOT_TYPES = Set.of(
            "CONSTRAINT",
            "PRIMARY",
            "NOT",
            "NULL",
            "UNIQUE",
            "CHECK",
            "DEFAULT",
            "COLLATE",
            "REFERENCES",
            "GENERATED",
            "AS");

    private Ddl() {}

    public static String createTable(TableDefinition table) {
        List<Column> key = table.primaryKey();
        boolean keyInline = table.autoincrement() && key.size() == 1;
        List<String> parts = new ArrayList<>();
        for (Column column : table.columns()) {
            parts.add(column(column, table.strict(), keyInline && column.keyPosition() > 0));
        }
        if (!key.isEmpty() && !keyInline) {
            List<String> names = new ArrayList<>();
            key.forEach(column -> names.add(column.name()));
            parts.add("PRIMARY KEY (" + names(names) + ")");
        }
        for (Index index : table.indexes()) {
            if (index.name().isEmpty() && index.unique()) {
                parts.add("UNIQUE (" + indexColumns(index.columns()) + ")");
            }
        }
        for (ForeignKey foreignKey : table.foreignKeys()) {
            parts.add(foreignKey(foreignKey));
        }
        String options = (table.withoutRowid() ? " WITHOUT ROWID" : "")
                + (table.withoutRowid() && table.strict() ? "," : "")
                + (table.strict() ? " STRICT" : "");
        return "CREATE TABLE " + Sql.name(table.name()) + "(\n  " + String.join(",\n  ", parts) + "\n)" + options;
    }

    public static String addColumn(String table, Column column, boolean strict) {
        return "ALTER TABLE " + Sql.name(table) + " ADD COLUMN " + column(column, strict, false);
    }

    private static String column(Column column, boolean strict, boolean autoincrementKey) {
        StringBuilder sql = new StringBuilder(Sql.name(column.name()));
        if (!column.type().isEmpty()) {
            sql.append(' ').append(type(column.type(), strict));
        }
        if (autoincrementKey) {
            sql.append(" PRIMARY KEY AUTOINCREMENT");
        }
        if (column.notNull()) {
            sql.append(" NOT NULL");
        }
        if (!column.collation().toUpperCase(Locale.ROOT).equals("BINARY")) {
            sql.append(" COLLATE ").append(Sql.name(column.collation()));
        }
        if (CLOCK_DEFAULTS.contains(column.clockDefault())) {
            sql.append(" DEFAULT ").append(column.clockDefault());
        } else if (!(column.defaultValue() instanceof Value.Null)) {
            sql.append(" DEFAULT ").append(literal(column.defaultValue()));
        }
        return sql.toString();
    }

    private static String type(String type, boolean strict) {
        boolean plain = PLAIN_TYPE.matcher(type).matches()
                && !NOT_TYPES.contains(type.toUpperCase(Locale.ROOT).replaceAll("[^A-Z].*", ""));
        return plain || strict && type.equalsIgnoreCase("ANY") ? type : Sql.name(type);
    }

    public static String literal(Value value) {
        if (value instanceof Value.Text) {
            return Sql.literal(value.toString());
        }
        if (value instanceof Value.Int integer) {
            // As a hexadecimal for the one number whose decimal form SQLite reads as a REAL.
            return integer.value() == Long.MIN_VALUE ? "0x8000000000000000" : Long.toString(integer.value());
        }
        return value.toString();
    }

    private static String foreignKey(ForeignKey key) {
        return "FOREIGN KEY (" + names(key.columns()) + ") REFERENCES " + Sql.name(key.parent())
                + (key.parentColumns().isEmpty() ? "" : "(" + names(key.parentColumns()) + ")")
                + action(" ON UPDATE ", key.onUpdate()) + action(" ON DELETE ", key.onDelete());
    }

    private static String action(String when, String action) {
        String upper = action.toUpperCase(Locale.ROOT);
        return ACTIONS.contains(upper) ? when + upper : "";
    }

    public static String createIndex(TableDefinition table, Index index) {
        return "CREATE " + (index.unique() ? "UNIQUE " : "") + "INDEX " + Sql.name(index.name()) + " ON "
                + Sql.name(table.name()) + "(" + indexColumns(index.columns()) + ")";
    }

    private static String indexColumns(List<IndexColumn> columns) {
        List<String> parts = new ArrayList<>();
        for (IndexColumn column : columns) {
            boolean binary = column.collation().toUpperCase(Locale.ROOT).equals("BINARY");
            parts.add(Sql.name(column.name())
                    + (binary ? "" : " COLLATE " + Sql.name(column.collation()))
                    + (column.descending() ? " DESC" : ""));
        }
        return String.join(", ", parts);
    }

    private static String names(List<String> names) {
        List<String> quoted = new ArrayList<>();
        names.forEach(name -> quoted.add(Sql.name(name)));
        return String.join(", ", quoted);
    }
}
