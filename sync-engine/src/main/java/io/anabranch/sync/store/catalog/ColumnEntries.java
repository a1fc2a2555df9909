// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code _ab_column} says of the columns of the space: their rules, and what they are called here. Confined to one connection. */
final class ColumnEntries {
    private final SqlDatabase db;

    ColumnEntries(SqlDatabase db) {
        this.db = db;
    }

    void add(long table, String name, Rule rule, long rank, Origin origin, @Nullable String local) {
        SqlStatement insert = db.prepare("INSERT INTO _ab_column(tbl, id, name, rule, rank, origin, local)"
                + " SELECT ?, ifnull(max(id) + 1, 0), ?, ?, ?, ?, ? FROM _ab_column WHERE tbl = ?");
        insert.bind(1, table)
                .bind(2, name)
                .bind(3, rule.spec())
                .bind(4, rank)
                .bind(5, origin.bytes())
                .bind(7, table);
        (local == null ? insert.bindNull(6) : insert.bind(6, local)).run();
    }

    /** Adds one that nobody has declared. */
    void addUndeclared(long table, String name, Origin origin, @Nullable String local) {
        add(table, name, Rule.LWW, Catalog.UNDECLARED, origin, local);
    }

    boolean isUndeclared(long table, String column) {
        SqlStatement query = db.prepare("SELECT rank FROM _ab_column WHERE tbl = ? AND name = ?")
                .bind(1, table)
                .bind(2, column);
        try {
            return query.step() && query.getLong(0) == Catalog.UNDECLARED;
        } finally {
            query.reset();
        }
    }

    /** Returns who declared the rule that a column has. */
    Origin declarer(long table, int column) {
        SqlStatement query = db.prepare("SELECT origin FROM _ab_column WHERE tbl = ? AND id = ?")
                .bind(1, table)
                .bind(2, column);
        try {
            byte[] origin = query.step() ? query.getBlob(0) : null;
            if (origin == null) {
                throw new AssertionError("nobody declared column " + column + " of table " + table);
            }
            return Origin.of(origin);
        } finally {
            query.reset();
        }
    }

    void setRule(long table, String column, Rule rule, long rank, Origin origin) {
        db.prepare("UPDATE _ab_column SET rule = ?, rank = ?, origin = ? WHERE tbl = ? AND name = ?")
                .bind(1, rule.spec())
                .bind(2, rank)
                .bind(3, origin.bytes())
                .bind(4, table)
                .bind(5, column)
                .run();
    }

    // ---- What they are called here

    void setLocal(long table, String column, String local) {
        db.prepare("UPDATE _ab_column SET local = ? WHERE tbl = ? AND name = ?")
                .bind(1, local)
                .bind(2, table)
                .bind(3, column)
                .run();
    }

    void clearLocal(long table, int column) {
        db.prepare("UPDATE _ab_column SET local = NULL WHERE tbl = ? AND id = ?")
                .bind(1, table)
                .bind(2, column)
                .run();
    }

    void clearLocals(long table) {
        db.prepare("UPDATE _ab_column SET local = NULL WHERE tbl = ?")
                .bind(1, table)
                .run();
    }

    /** Returns what columns are called here, by what they are called on the wire. */
    Map<String, String> locals(long table) {
        Map<String, String> names = new HashMap<>();
        SqlStatement query = db.prepare("SELECT name, local FROM _ab_column WHERE tbl = ? AND local IS NOT NULL")
                .bind(1, table);
        while (query.step()) {
            names.put(String.valueOf(query.getText(0)), String.valueOf(query.getText(1)));
        }
        return names;
    }
}
