// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says whether rows pass the CHECK constraints of their tables, by inserting them into empty copies of those in memory, made
 * from this file's own DDL: no pragma gives a constraint's text, and none of the application's triggers fire there. Confined to
 * one thread at a time.
 */
final class CheckProbe implements AutoCloseable {
    private static final String FAILED = "CHECK constraint failed";

    private final TableInspector inspector;
    private final Set<String> copied = new HashSet<>();
    private @Nullable SqlDatabase copies;

    CheckProbe(TableInspector inspector) {
        this.inspector = inspector;
    }

    /** Returns what SQLite says of a row that fails; null if it passes, or if this connection cannot tell. */
    @Nullable
    String failure(EnrolledTable table, Key key, Value[] image) {
        String name = table.localName();
        if (name == null) {
            return null;
        }
        List<Value> values = new ArrayList<>(key.values());
        values.addAll(List.of(image));
        try {
            SqlDatabase memory = copyOf(name);
            memory.execute("SAVEPOINT probe");
            try {
                ExactText.bind(memory, table.insertSql(), values).run();
                return null;
            } finally {
                memory.execute("ROLLBACK TO probe");
                memory.execute("RELEASE probe");
            }
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

    private SqlDatabase copyOf(String table) {
        SqlDatabase memory = copies;
        if (memory == null) {
            memory = inspector.openInMemory();
            memory.execute("PRAGMA foreign_keys = OFF");
            copies = memory;
        }
        if (copied.add(table)) {
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
