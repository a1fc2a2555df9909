// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.capture;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of each bounded counter this replica may still take, in {@code _ab_rights}, where the triggers look it up and
 * charge it. Follows from the state, which it is set to whenever a row is saved. Confined to one connection.
 */
public final class Rights {
    private final SqlDatabase db;
    private final Meta meta;

    public Rights(SqlDatabase db) {
        this.db = db;
        this.meta = new Meta(db);
    }

    public void save(EnrolledTable table, Key key, RowLives<String, Value> row) {
        if (!table.hasRights()) {
            return;
        }
        run("DELETE FROM _ab_rights WHERE tbl = " + table.id() + where(key), key.values());
        byte[] self = meta.getBlob("self");
        if (self == null || !row.isShown()) {
            return;
        }
        for (EnrolledTable.Column column : table.shown()) {
            if (column.rule().kind() == Rule.Kind.BOUNDED) {
                add(table, key, column, self, row.rights(column.name()).getOrDefault(Origin.of(self), 0L));
            }
        }
    }

    private void add(EnrolledTable table, Key key, EnrolledTable.Column column, byte[] self, long rights) {
        StringBuilder names = new StringBuilder("tbl, col, origin, rights");
        StringBuilder marks = new StringBuilder("?, ?, ?, ?");
        List<Value> values = new ArrayList<>(
                List.of(Value.of(table.id()), Value.of(column.id()), Value.blob(self), Value.of(rights)));
        for (int i = 0; i < table.keyNames().size(); i++) {
            names.append(", k").append(i);
            marks.append(", ?");
        }
        values.addAll(key.values());
        run("INSERT INTO _ab_rights(" + names + ") VALUES (" + marks + ")", values);
    }

    private static String where(Key key) {
        StringBuilder terms = new StringBuilder();
        for (int i = 0; i < key.values().size(); i++) {
            terms.append(" AND k").append(i).append(" = ?");
        }
        return terms.toString();
    }

    private void run(String sql, List<Value> values) {
        SqlStatement statement = ExactText.bind(db, sql, values);
        statement.run();
    }
}
