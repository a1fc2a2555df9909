// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks SQLite about rows that no table need show: whether they pass the CHECK constraints of their tables, and what expressions
 * make of them. They are inserted into empty copies of their tables in memory, made from this file's own DDL: no pragma gives a
 * constraint's text, affinities and generated columns hold there, and none of the application's triggers fire. Confined to one
 * thread at a time.
 */
public final class RowProbe implements AutoCloseable {
    private static final String FAILED = "CHECK constraint failed";

    private final TableInspector inspector;
    private final Set<String> copied = new HashSet<>();
    private @Nullable SqlDatabase copies;

    public RowProbe(TableInspector inspector) {
        this.inspector = inspector;
    }

    /** Returns what SQLite says of a row that fails; null if it passes, or if this connection cannot tell. */
    public @Nullable String failure(EnrolledTable table, Key key, Value[] image) {
        String name = table.localName();
        if (name == null) {
            return null;
        }
        try {
            SqlDatabase memory = copyOf(name);
            return with(memory, table, key, image, () -> null);
        } catch (SqlException e) {
            String message = String.valueOf(e.getMessage());
            int at = message.lastIndexOf(FAILED);
            if (at < 0) {
                return null; // A function that only the application's connections have says nothing about the row.
            }
            int end = message.indexOf(") (", at);
            return end < 0 ? message.substring(at) : message.substring(at, end);
        }
    }

    /**
     * Returns what expressions over a row's columns make of it.
     *
     * @param condition over the columns too; null for none
     * @return null if the condition does not hold, one of the values is NULL, or no table like this could have such a row
     */
    @Nullable
    List<Value> values(
            EnrolledTable table, Key key, Value[] image, List<String> expressions, @Nullable String condition) {
        String name = table.localName();
        if (name == null || key.values().size() != table.keyNames().size()) {
            return null;
        }
        SqlDatabase memory = copyOf(name);
        String sql = "SELECT (" + String.join("), (", expressions) + ") FROM " + Sql.name(name)
                + (condition == null ? "" : " WHERE " + condition);
        memory.execute("PRAGMA ignore_check_constraints = ON");
        try {
            return with(memory, table, key, image, () -> read(memory.prepare(sql)));
        } catch (SqlException e) {
            if (e.kind() != SqlException.Kind.CONSTRAINT) {
                throw e;
            }
            return null;
        } finally {
            memory.execute("PRAGMA ignore_check_constraints = OFF");
        }
    }

    private static @Nullable List<Value> read(SqlStatement query) {
        try {
            if (!query.step()) {
                return null;
            }
            List<Value> values = new ArrayList<>();
            for (int i = 0; i < query.columnCount(); i++) {
                Value value = query.getValue(i);
                if (value instanceof Value.Null) {
                    return null;
                }
                values.add(value);
            }
            return values;
        } finally {
            query.reset();
        }
    }

    /** Returns why these expressions cannot be worked out here; null if they can. */
    public @Nullable String flaw(String table, List<String> expressions, @Nullable String condition) {
        try {
            SqlStatement query = copyOf(table)
                    .prepare("SELECT (" + String.join("), (", expressions) + ") FROM " + Sql.name(table)
                            + (condition == null ? "" : " WHERE " + condition));
            query.step();
            query.reset();
            return null;
        } catch (SqlException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static <T extends @Nullable Object> T with(
            SqlDatabase memory, EnrolledTable table, Key key, Value[] image, Supplier<T> work) {
        List<Value> row = new ArrayList<>(key.values());
        row.addAll(List.of(image));
        memory.execute("SAVEPOINT probe");
        try {
            ExactText.bind(memory, table.insertSql(), row).run();
            return work.get();
        } finally {
            memory.execute("ROLLBACK TO probe");
            memory.execute("RELEASE probe");
        }
    }

    private SqlDatabase copyOf(String table) {
        SqlDatabase memory = copies;
        if (memory == null) {
            memory = inspector.openInMemory();
            memory.execute("PRAGMA foreign_keys = OFF");
            copies = memory;
        }
        if (copied.add(table.toLowerCase(Locale.ROOT))) {
            memory.execute(inspector.createSql(table));
        }
        return memory;
    }

    /** Forgets the copies: the tables may have changed. */
    @Override
    public void close() {
        SqlDatabase memory = copies;
        copies = null;
        copied.clear();
        if (memory != null) {
            memory.close();
        }
    }
}
