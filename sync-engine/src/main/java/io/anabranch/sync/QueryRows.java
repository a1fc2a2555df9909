// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows of a live query at one moment. Immutable. */
final class QueryRows {
    static final QueryRows NONE = new QueryRows(List.of(), List.of(), List.of());

    private final List<String> columns;
    /** Where the columns of the key are; none if rows have no key. */
    private final List<Integer> key;

    private final List<List<Value>> rows;

    private QueryRows(List<String> columns, List<Integer> key, List<List<Value>> rows) {
        this.columns = columns;
        this.key = key;
        this.rows = rows;
    }

    /** @throws IllegalArgumentException if the result lacks a column of the key */
    static QueryRows read(SqlDatabase db, LiveQuery query) {
        SqlStatement statement = db.prepare(query.sql());
        for (int i = 0; i < query.arguments().size(); i++) {
            statement.bind(i + 1, query.arguments().get(i));
        }
        List<String> columns = new ArrayList<>();
        List<Integer> key = new ArrayList<>();
        List<List<Value>> rows = new ArrayList<>();
        try {
            while (statement.step()) {
                if (rows.isEmpty()) {
                    for (int i = 0; i < statement.columnCount(); i++) {
                        columns.add(statement.columnName(i));
                    }
                    query.key().forEach(name -> key.add(indexOf(columns, name)));
                }
                List<Value> row = new ArrayList<>();
                for (int i = 0; i < columns.size(); i++) {
                    row.add(statement.getValue(i));
                }
                rows.add(row);
            }
        } finally {
            statement.reset();
        }
        return new QueryRows(columns, key, rows);
    }

    private static int indexOf(List<String> columns, String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).equalsIgnoreCase(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("the query gives no column " + name + "; it gives " + columns);
    }

    /** Returns how this differs from what was before. */
    QueryDiff since(QueryRows before) {
        Map<List<Value>, List<List<Value>>> left = new LinkedHashMap<>();
        before.rows.forEach(row ->
                left.computeIfAbsent(before.keyOf(row), k -> new ArrayList<>()).add(row));
        List<Map<String, @Nullable Object>> added = new ArrayList<>();
        List<QueryDiff.Changed> changed = new ArrayList<>();
        for (List<Value> row : rows) {
            List<List<Value>> same = left.get(keyOf(row));
            if (same == null || same.isEmpty()) {
                added.add(map(row));
            } else {
                List<Value> was = same.remove(0);
                if (!was.equals(row)) {
                    changed.add(new QueryDiff.Changed(before.map(was), map(row)));
                }
            }
        }
        List<Map<String, @Nullable Object>> removed = new ArrayList<>();
        left.values().forEach(gone -> gone.forEach(row -> removed.add(before.map(row))));
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        rows.forEach(row -> all.add(map(row)));
        return new QueryDiff(all, added, removed, changed);
    }

    private List<Value> keyOf(List<Value> row) {
        if (key.isEmpty()) {
            return row;
        }
        List<Value> values = new ArrayList<>();
        key.forEach(index -> values.add(row.get(index)));
        return values;
    }

    private Map<String, @Nullable Object> map(List<Value> row) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            map.put(columns.get(i), SqlSession.toObject(row.get(i)));
        }
        return Collections.unmodifiableMap(map);
    }

    /** Returns whether the rows are the same, in the same order. */
    boolean isSame(QueryRows other) {
        return rows.equals(other.rows) && columns.equals(other.columns);
    }
}
