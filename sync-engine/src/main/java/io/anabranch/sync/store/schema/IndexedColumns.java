// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Columns of a table that are compared together: those of a unique key, or of one side of a foreign key. Finds the rows of the
 * table that hold given values in them. Immutable.
 */
public final class IndexedColumns implements UniqueKey {
    /** The collations whose equality is known here, and not only to the connections of an application. */
    public static final Set<String> COLLATIONS = Set.of("BINARY", "NOCASE", "RTRIM");

    private final EnrolledTable table;
    private final List<Part> parts;
    private final String names;
    private final String selectSql;

    private IndexedColumns(EnrolledTable table, List<Part> parts) {
        this.table = table;
        this.parts = parts;
        List<String> joined = new ArrayList<>();
        List<String> terms = new ArrayList<>();
        for (Part part : parts) {
            joined.add(part.name + (part.collation.equals("BINARY") ? "" : " COLLATE " + part.collation));
            terms.add(Sql.name(part.local) + " = ? COLLATE " + part.collation);
        }
        names = String.join(", ", joined);
        List<String> keys = new ArrayList<>();
        table.localKeyNames().forEach(key -> keys.add(Sql.name(key)));
        selectSql = "SELECT " + String.join(", ", keys) + " FROM "
                + Sql.name(table.localName() == null ? table.name() : table.localName()) + " WHERE "
                + String.join(" AND ", terms);
    }

    /**
     * @param columns as SQLite spells them, each with its collation
     * @return null if the space does not know one of the columns, or this version not a collation
     */
    static @Nullable IndexedColumns of(
            EnrolledTable table, List<String> columns, List<String> collations, Map<String, Affinity> affinities) {
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String collation = collations.get(i).toUpperCase(Locale.ROOT);
            Part part = part(table, columns.get(i), collation, affinities);
            if (part == null || !COLLATIONS.contains(collation)) {
                return null;
            }
            parts.add(part);
        }
        return new IndexedColumns(table, parts);
    }

    private static @Nullable Part part(
            EnrolledTable table, String column, String collation, Map<String, Affinity> affinities) {
        for (int i = 0; i < table.keyNames().size(); i++) {
            String local = table.localKeyNames().get(i);
            if (local.equalsIgnoreCase(column)) {
                Affinity affinity = affinities.getOrDefault(local, Affinity.NONE);
                return new Part(table.keyNames().get(i), local, true, i, collation, affinity);
            }
        }
        for (int i = 0; i < table.shown().size(); i++) {
            EnrolledTable.Column shown = table.shown().get(i);
            if (shown.localName().equalsIgnoreCase(column)) {
                return new Part(shown.name(), shown.localName(), false, i, collation, shown.affinity());
            }
        }
        return null;
    }

    /** Where a column's value is found: in the key, or in the image. {@code name} is the space's, {@code local} this file's. */
    private record Part(String name, String local, boolean isInKey, int index, String collation, Affinity affinity) {}

    @Override
    public EnrolledTable table() {
        return table;
    }

    /** Returns the columns' names, with collations other than BINARY, joined by commas. */
    public String names() {
        return names;
    }

    Affinity affinity(int index) {
        return parts.get(index).affinity;
    }

    @Override
    public List<String> columns() {
        List<String> columns = new ArrayList<>();
        parts.forEach(part -> columns.add(part.name));
        return columns;
    }

    @Override
    public List<String> localColumns() {
        List<String> columns = new ArrayList<>();
        parts.forEach(part -> columns.add(part.local));
        return columns;
    }

    @Override
    public String collision(String one, String other) {
        List<String> terms = new ArrayList<>();
        for (Part part : parts) {
            String column = Sql.name(part.local);
            terms.add(one + "." + column + " = " + other + "." + column + " COLLATE " + part.collation);
        }
        return String.join(" AND ", terms);
    }

    @Override
    public String selectSql() {
        return selectSql;
    }

    @Override
    public @Nullable List<Value> values(Key key, Value[] image) {
        List<Value> keyValues = key.values();
        if (keyValues.size() != table.keyNames().size()) {
            return null;
        }
        List<Value> values = new ArrayList<>();
        for (Part part : parts) {
            Value value = part.isInKey ? keyValues.get(part.index) : image[part.index];
            if (value instanceof Value.Null) {
                return null;
            }
            values.add(value);
        }
        return values;
    }

    @Override
    public Token token(List<Value> values) {
        List<Value> folded = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            folded.add(fold(values.get(i), parts.get(i).collation));
        }
        return new Token(table.id(), names, Key.of(folded));
    }

    /** Returns what stands for a value under a collation. */
    static Value fold(Value value, String collation) {
        if (!(value instanceof Value.Text text) || collation.equals("BINARY")) {
            return value;
        }
        byte[] bytes = text.utf8().clone();
        if (collation.equals("NOCASE")) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = bytes[i] >= 'A' && bytes[i] <= 'Z' ? (byte) (bytes[i] + 32) : bytes[i];
            }
            return Value.text(bytes);
        }
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == ' ') {
            length--;
        }
        return Value.text(Arrays.copyOf(bytes, length));
    }

    @Override
    public EnrolledTable.@Nullable Column firstOutsideKey() {
        for (Part part : parts) {
            if (!part.isInKey) {
                return table.shown().get(part.index);
            }
        }
        return null;
    }
}
