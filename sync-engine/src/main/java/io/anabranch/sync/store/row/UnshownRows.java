// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows that the application's tables do not show yet as state would have it, because the connection checks foreign keys: SQLite
 * would refuse what the engine writes, or delete and alter other rows for it. The next seal without these checks shows
 * them. Confined to one connection.
 */
public final class UnshownRows {
    private final SqlDatabase db;

    public UnshownRows(SqlDatabase db) {
        this.db = db;
    }

    public boolean any() {
        return db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_unshown)") == 1;
    }

    public void put(RowId row) {
        db.prepare("INSERT OR IGNORE INTO _ab_unshown(tbl, k) VALUES (?, ?)")
                .bind(1, row.table())
                .bind(2, row.key().bytes())
                .run();
    }

    /** Returns all, in order of table and key. */
    public List<RowId> all() {
        List<RowId> rows = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT tbl, k FROM _ab_unshown ORDER BY tbl, k");
        while (query.step()) {
            byte[] key = query.getBlob(1);
            if (key != null) {
                rows.add(new RowId(query.getLong(0), Key.of(key)));
            }
        }
        return rows;
    }

    public void clear() {
        db.execute("DELETE FROM _ab_unshown");
    }
}
