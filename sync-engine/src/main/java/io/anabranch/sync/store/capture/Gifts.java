// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.capture;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Rights to bounded counters that are to be given away with the next seal: no value of a column can say so. In a table, so
 * that they come and go with the transaction and its savepoints. Confined to one connection.
 */
public final class Gifts {
    /** In the place of a column: the rights of everybody, to all columns of the row, are to be this replica's. */
    public static final String CLAIM = "";

    private final SqlDatabase db;

    public Gifts(SqlDatabase db) {
        this.db = db;
    }

    public void add(EnrolledTable table, Key key, String column, Origin to, long amount) {
        db.prepare("INSERT INTO _ab_gift(tbl, k, name, origin, amount) VALUES (?, ?, ?, ?, ?)")
                .bind(1, table.id())
                .bind(2, key.bytes())
                .bind(3, nameOf(table, column))
                .bind(4, to.bytes())
                .bind(5, amount)
                .run();
    }

    private static String nameOf(EnrolledTable table, String local) {
        for (EnrolledTable.Column column : table.shown()) {
            if (column.localName().equalsIgnoreCase(local)) {
                return column.name();
            }
        }
        return CLAIM;
    }

    /** Returns what is to be given of a table's rows, and forgets it. Costs O(that). */
    public Map<Key, Map<String, SortedMap<Origin, Long>>> take(EnrolledTable table) {
        Map<Key, Map<String, SortedMap<Origin, Long>>> gifts = new HashMap<>();
        SqlStatement query = db.prepare("SELECT k, name, origin, amount FROM _ab_gift WHERE tbl = ?")
                .bind(1, table.id());
        while (query.step()) {
            byte[] key = query.getBlob(0);
            byte[] origin = query.getBlob(2);
            if (key != null && origin != null) {
                gifts.computeIfAbsent(Key.of(key), k -> new HashMap<>())
                        .computeIfAbsent(String.valueOf(query.getText(1)), n -> new TreeMap<>())
                        .merge(Origin.of(origin), query.getLong(3), Long::sum);
            }
        }
        if (!gifts.isEmpty()) {
            db.prepare("DELETE FROM _ab_gift WHERE tbl = ?").bind(1, table.id()).run();
        }
        return gifts;
    }
}
