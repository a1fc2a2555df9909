// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.capture;

import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Triggers of the application, which fire when the engine writes, and which nothing but dropping them can stop. So one that
 * stands in the way is dropped and made again, from its own text, inside the transaction. Confined to one connection.
 */
public final class ApplicationTriggers {
    private final SqlDatabase db;

    public ApplicationTriggers(SqlDatabase db) {
        this.db = db;
    }

    /** Runs {@code work} while no trigger of the application listens to a table. */
    public void silenced(EnrolledTable table, Runnable work) {
        if (table.localName() == null) {
            work.run();
            return;
        }
        Map<String, String> sqlByName = new LinkedHashMap<>();
        SqlStatement query = db.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
                        + " AND tbl_name = ? COLLATE NOCASE AND name NOT LIKE '\\_ab\\_%' ESCAPE '\\'")
                .bind(1, table.localName());
        while (query.step()) {
            sqlByName.put(String.valueOf(query.getText(0)), String.valueOf(query.getText(1)));
        }
        sqlByName.keySet().forEach(name -> db.execute("DROP TRIGGER " + Sql.name(name)));
        work.run();
        sqlByName.values().forEach(db::execute);
    }
}
