// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.sync.Violation;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowProbe;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that show and fail a CHECK of their table. SQLite refuses no merged row for that, so it is asked afterwards, with a copy
 * of the table in memory. Confined to one connection.
 */
public final class Violations {
    private final SqlDatabase db;
    private final RowProbe probe;
    private boolean maybeAny;

    Violations(SqlDatabase db, RowProbe probe) {
        this(db, probe, db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_violation)") == 1);
    }

    /** @param maybeAny whether any row is listed */
    public Violations(SqlDatabase db, RowProbe probe, boolean maybeAny) {
        this.db = db;
        this.probe = probe;
        this.maybeAny = maybeAny;
    }

    /** Returns whether any row is listed, or may be. */
    public boolean maybeAny() {
        return maybeAny;
    }

    /** Lists a row or takes it off. {@code image} is what the table shows of it; null if nothing. */
    public void review(EnrolledTable table, Key key, Value @Nullable [] image) {
        String failure = image == null ? null : probe.failure(table, key, image);
        if (failure != null) {
            db.prepare("INSERT OR REPLACE INTO _ab_violation(tbl, k, reason) VALUES (?, ?, ?)")
                    .bind(1, table.id())
                    .bind(2, key.bytes())
                    .bind(3, failure)
                    .run();
            maybeAny = true;
        } else if (maybeAny) {
            db.prepare("DELETE FROM _ab_violation WHERE tbl = ? AND k = ?")
                    .bind(1, table.id())
                    .bind(2, key.bytes())
                    .run();
        }
    }

    /** Returns all, in order of table and key. */
    public static List<Violation> all(SqlDatabase db, Catalog catalog) {
        List<Violation> violations = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT tbl, k, reason FROM _ab_violation ORDER BY tbl, k");
        while (query.step()) {
            byte[] key = query.getBlob(1);
            if (key != null) {
                violations.add(new Violation(
                        catalog.get(query.getLong(0)).label(), Key.of(key).values(), String.valueOf(query.getText(2))));
            }
        }
        return violations;
    }
}
