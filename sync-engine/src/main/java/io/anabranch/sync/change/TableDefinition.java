// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table as it travels: data from which a receiver writes its own DDL. Text of SQL never travels, so expressions (CHECK,
 * generated columns, computed defaults) are left out by whoever enrols. Immutable.
 *
 * @param name the table's name when it was enrolled; names it for ever on the wire
 * @param columns in order; those of the primary key carry their position in it
 */
public record TableDefinition(
        String name,
        boolean withoutRowid,
        boolean strict,
        boolean autoincrement,
        DeletePolicy onDelete,
        List<Column> columns,
        List<Index> indexes,
        List<ForeignKey> foreignKeys) {
    private static final int MAX_NAME_BYTES = 4096;

    public TableDefinition {
        columns = List.copyOf(columns);
        indexes = List.copyOf(indexes);
        foreignKeys = List.copyOf(foreignKeys);
    }

    /**
     * Returns why nobody can make this table, or null if it is sound. A definition that is not is void, for everyone alike:
     * this looks at nothing but the definition.
     */
    public @Nullable String flaw() {
        String lower = name.toLowerCase(Locale.ROOT);
        if (name.isEmpty() || lower.startsWith("sqlite_") || lower.startsWith("_ab_")) {
            return "its name is reserved";
        }
        Set<String> names = new HashSet<>();
        Set<Integer> places = new HashSet<>();
        for (Column column : columns) {
            if (column.name.isEmpty() || !names.add(column.name.toLowerCase(Locale.ROOT))) {
                return "two of its columns have one name, or one has none";
            }
            if (column.keyPosition > 0 && !places.add(column.keyPosition)) {
                return "two columns have one place in its primary key";
            }
        }
        return places.isEmpty() ? "it has no primary key" : null;
    }

    /** Returns the columns of the primary key, in its order. */
    public List<Column> primaryKey() {
        List<Column> key = new ArrayList<>();
        for (Column column : columns) {
            if (column.keyPosition > 0) {
                key.add(column);
            }
        }
        key.sort((a, b) -> Integer.compare(a.keyPosition, b.keyPosition));
        return key;
    }

    public Optional<Column> column(String columnName) {
        for (Column column : columns) {
            if (column.name.equals(columnName)) {
                return Optional.of(column);
            }
        }
        return Optional.empty();
    }

    /**
     * Returns this definition with {@code column} in the place of the one of its name, or at the end. A column of the key stays as it
     * is: it names the rows.
     */
    public TableDefinition with(Column column) {
        Optional<Column> before = column(column.name);
        if (before.isPresent() && before.get().keyPosition > 0) {
            return this;
        }
        List<Column> next = new ArrayList<>();
        boolean isThere = false;
        for (Column each : columns) {
            isThere |= each.name.equals(column.name);
            next.add(each.name.equals(column.name) ? column : each);
        }
        if (!isThere) {
            next.add(column);
        }
        return new TableDefinition(name, withoutRowid, strict, autoincrement, onDelete, next, indexes, foreignKeys);
    }

    /** Returns this definition, with the columns of {@code other} outside its key that this lacks at the end. */
    public TableDefinition orElse(TableDefinition other) {
        TableDefinition all = this;
        for (Column column : other.columns) {
            boolean isLacking =
                    column.keyPosition == 0 && !all.column(column.name).isPresent();
            all = isLacking ? all.with(column) : all;
        }
        return all;
    }

    /** Returns this table with these columns and nothing that needs others: no index and no foreign key. */
    public TableDefinition withOnly(List<Column> some) {
        return new TableDefinition(name, withoutRowid, strict, autoincrement, onDelete, some, List.of(), List.of());
    }

    /** Returns the rule of the foreign key over these columns, whatever case they are written in. */
    public ForeignKeyRule foreignKeyRule(List<String> keyColumns) {
        for (ForeignKey key : foreignKeys) {
            if (String.join(",", key.columns).equalsIgnoreCase(String.join(",", keyColumns))) {
                return key.rule;
            }
        }
        return ForeignKeyRule.DEFAULT;
    }

    /**
     * A column.
     *
     * @param keyPosition its place in the primary key, from 1; 0 outside it
     * @param defaultValue NULL when none was given
     * @param clockDefault CURRENT_TIMESTAMP and its like, by name; empty otherwise
     * @param collation BINARY unless declared
     */
    public record Column(
            String name,
            String type,
            boolean notNull,
            int keyPosition,
            Value defaultValue,
            String clockDefault,
            String collation,
            Rule rule) {
        /** Returns this column under another name and rule. */
        public Column called(String otherName, Rule otherRule) {
            return new Column(otherName, type, notNull, keyPosition, defaultValue, clockDefault, collation, otherRule);
        }
    }

    /** An index; {@code name} is empty for one that a constraint brings with it. */
    public record Index(String name, boolean unique, List<IndexColumn> columns) {
        public Index {
            columns = List.copyOf(columns);
        }
    }

    public record IndexColumn(String name, String collation, boolean descending) {}

    /** A foreign key. {@code rule} says what concurrent writes make of it; the actions are the origin's own. */
    public record ForeignKey(
            List<String> columns,
            String parent,
            List<String> parentColumns,
            String onUpdate,
            String onDelete,
            ForeignKeyRule rule) {
        public ForeignKey {
            columns = List.copyOf(columns);
            parentColumns = List.copyOf(parentColumns);
        }
    }

    // ---- Bytes

    /** Returns the bytes that {@link #write} writes. */
    public byte[] bytes() {
        ByteWriter out = new ByteWriter(512);
        write(out);
        return out.toByteArray();
    }

    public void write(ByteWriter out) {
        out.text(name);
        out.u8((withoutRowid ? 1 : 0) | (strict ? 2 : 0) | (autoincrement ? 4 : 0) | (hasForeignKeyRules() ? 8 : 0));
        out.u8(onDelete == DeletePolicy.EDIT_WINS ? 0 : 1);
        out.varint(columns.size());
        for (Column column : columns) {
            out.text(column.name).text(column.type).u8(column.notNull ? 1 : 0).varint(column.keyPosition);
            column.defaultValue.write(out);
            out.text(column.clockDefault).text(column.collation);
            column.rule.write(out);
        }
        out.varint(indexes.size());
        for (Index index : indexes) {
            out.text(index.name).u8(index.unique ? 1 : 0).varint(index.columns.size());
            for (IndexColumn column : index.columns) {
                out.text(column.name).text(column.collation).u8(column.descending ? 1 : 0);
            }
        }
        out.varint(foreignKeys.size());
        for (ForeignKey key : foreignKeys) {
            writeTexts(key.columns, out);
            out.text(key.parent);
            writeTexts(key.parentColumns, out);
            out.text(key.onUpdate).text(key.onDelete);
            if (hasForeignKeyRules()) {
                out.u8(key.rule.code());
            }
        }
    }

    private boolean hasForeignKeyRules() {
        return foreignKeys.stream().anyMatch(key -> key.rule != ForeignKeyRule.DEFAULT);
    }

    private static void writeTexts(List<String> texts, ByteWriter out) {
        out.varint(texts.size());
        for (String text : texts) {
            out.text(text);
        }
    }

    public static TableDefinition read(ByteReader in) {
        String name = text(in);
        int flags = in.u8();
        DeletePolicy onDelete = in.u8() == 0 ? DeletePolicy.EDIT_WINS : DeletePolicy.DELETE_WINS;
        List<Column> columns = new ArrayList<>();
        for (int n = in.count(8, "columns"); n > 0; n--) {
            columns.add(readColumn(in));
        }
        List<Index> indexes = new ArrayList<>();
        for (int n = in.count(3, "indexes"); n > 0; n--) {
            String indexName = text(in);
            boolean unique = in.u8() == 1;
            List<IndexColumn> indexed = new ArrayList<>();
            for (int m = in.count(3, "indexed columns"); m > 0; m--) {
                indexed.add(new IndexColumn(text(in), text(in), in.u8() == 1));
            }
            indexes.add(new Index(indexName, unique, indexed));
        }
        List<ForeignKey> foreignKeys = new ArrayList<>();
        for (int n = in.count(5, "foreign keys"); n > 0; n--) {
            foreignKeys.add(new ForeignKey(
                    readTexts(in),
                    text(in),
                    readTexts(in),
                    text(in),
                    text(in),
                    (flags & 8) != 0 ? foreignKeyRule(in) : ForeignKeyRule.DEFAULT));
        }
        return new TableDefinition(
                name, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0, onDelete, columns, indexes, foreignKeys);
    }

    private static ForeignKeyRule foreignKeyRule(ByteReader in) {
        int code = in.u8();
        for (ForeignKeyRule rule : ForeignKeyRule.values()) {
            if (rule.code() == code) {
                return rule;
            }
        }
        throw in.error("a foreign key rule that this version knows", "rule " + code);
    }

    private static Column readColumn(ByteReader in) {
        String name = text(in);
        String type = text(in);
        boolean notNull = in.u8() == 1;
        int keyPosition = (int) in.varint(0, 1 << 16, "a place in the primary key");
        Value defaultValue = Value.read(in);
        String clockDefault = text(in);
        String collation = text(in);
        return new Column(name, type, notNull, keyPosition, defaultValue, clockDefault, collation, Rule.read(in));
    }

    private static List<String> readTexts(ByteReader in) {
        List<String> texts = new ArrayList<>();
        for (int n = in.count(1, "names"); n > 0; n--) {
            texts.add(text(in));
        }
        return texts;
    }

    private static String text(ByteReader in) {
        return in.text(MAX_NAME_BYTES, "a name");
    }
}
