// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the application's tables show of rows, looked up one by one or many at a time. Confined to one connection. */
final class RowImages {
    /** Stands for a row that is not there. */
    private static final Value[] NONE = {};

    private static final int MOST_PARAMETERS = 900;

    private final SqlDatabase db;
    private final Map<RowId, Value[]> ahead = new HashMap<>();

    RowImages(SqlDatabase db) {
        this.db = db;
    }

    /** Returns what was looked up ahead, once, or else what the table shows now; null if the row is not there. */
    Value @Nullable [] get(EnrolledTable table, Key key) {
        Value[] known = ahead.isEmpty() ? null : ahead.remove(new RowId(table.id(), key));
        if (known != null) {
            return known == NONE ? null : known;
        }
        return look(table, key);
    }

    /** Returns what the application's table shows of a row; null if it is not there. */
    Value @Nullable [] look(EnrolledTable table, Key key) {
        if (!table.isLocal()) {
            return null;
        }
        List<Value> values = key.values();
        if (values.size() != table.keyNames().size()) {
            return null;
        }
        SqlStatement query = ExactText.bind(db, table.selectSql(), values);
        try {
            while (query.step()) {
                if (RowStore.readKey(table, query, 0).equals(key)) {
                    return RowStore.readImage(table, query, values.size());
                }
            }
            return null;
        } finally {
            query.reset();
        }
    }

    /** Looks up rows that are about to be asked for, none of which is written before. */
    void lookAhead(EnrolledTable table, Collection<Key> keys) {
        ahead.clear();
        int width = table.keyNames().size();
        if (!table.isLocal() || keys.size() < 2 || width > MOST_PARAMETERS / 100) {
            return;
        }
        List<List<Value>> values = new ArrayList<>(keys.size());
        for (Key key : keys) {
            List<Value> each = key.values();
            if (each.size() == width) {
                values.add(each);
                ahead.put(new RowId(table.id(), key), NONE);
            }
        }
        RowStates.inChunks(values.size(), (from, size) -> look(table, width, values.subList(from, from + size)));
    }

    private void look(EnrolledTable table, int width, List<List<Value>> keys) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            names.add("k" + i);
        }
        String sql = "WITH _ab_wanted(" + String.join(", ", names) + ") AS (VALUES "
                + RowStates.repeat("(" + RowStates.repeat("?", width) + ")", keys.size()) + ") " + table.selectFewSql();
        List<Value> all = new ArrayList<>(width * keys.size());
        keys.forEach(all::addAll);
        SqlStatement query = ExactText.bind(db, sql, all);
        while (query.step()) {
            RowId id = new RowId(table.id(), RowStore.readKey(table, query, 0));
            // SQLite may find a row whose key only looks equal.
            if (ahead.containsKey(id)) {
                ahead.put(id, RowStore.readImage(table, query, width));
            }
        }
    }

    /** Forgets what was looked up: it may change from now on. */
    void release() {
        ahead.clear();
    }
}
