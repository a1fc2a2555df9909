// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.capture;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Notes in the capture list what no trigger sees. Confined to one connection, in a write transaction. */
public final class Notes {
    private final SqlDatabase db;

    public Notes(SqlDatabase db) {
        this.db = db;
    }

    /**
     * Notes that a row, or one column of it, was written.
     *
     * @param column the column that is meant; null for the row alone
     */
    public void note(EnrolledTable table, List<Value> key, EnrolledTable.@Nullable Column column) {
        StringBuilder names = new StringBuilder("tbl, scratch, at");
        StringBuilder values = new StringBuilder(table.id() + ", 0, " + CaptureTriggers.NOW);
        if (column != null) {
            names.append(", m").append(column.maskIndex());
            values.append(", ").append(column.maskBit());
        }
        for (int i = 0; i < key.size(); i++) {
            names.append(", k").append(i);
            values.append(", ?");
        }
        ExactText.bind(db, "INSERT INTO _ab_pending(" + names + ") VALUES (" + values + ")", key)
                .run();
    }
}
