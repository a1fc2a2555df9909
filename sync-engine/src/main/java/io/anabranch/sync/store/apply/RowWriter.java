// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.capture.ApplicationTriggers;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the application's tables show rows. A trigger of the application that cannot run here has no say in what is shown; one
 * that objects has. Confined to one connection.
 */
final class RowWriter {
    private static final Logger LOG = LoggerFactory.getLogger(RowWriter.class);

    private final RowStore rows;
    private final ApplicationTriggers triggers;

    RowWriter(SqlDatabase db, RowStore rows) {
        this.rows = rows;
        this.triggers = new ApplicationTriggers(db);
    }

    /**
     * Makes the table show {@code wanted} where it shows {@code now}. Returns null, or why SQLite would not have it; then it
     * shows nothing.
     */
    RowStore.@Nullable Refusal write(EnrolledTable table, Key key, Value @Nullable [] now, Value @Nullable [] wanted) {
        RowStore.Refusal refusal = rows.write(table, key, now, wanted);
        if (refusal != null && refusal.isBroken()) {
            LOG.warn("a trigger on {} cannot run here and is passed over: {}", table, refusal.reason());
            refusal = writeSilently(table, key, now, wanted);
        }
        if (refusal != null) {
            // SQLite may have kept the old row, or left half of the new one, which is not what the state says.
            remove(table, key);
        }
        return refusal;
    }

    private void remove(EnrolledTable table, Key key) {
        Value[] kept = rows.image(table, key);
        if (kept != null && rows.write(table, key, kept, null) != null) {
            RowStore.Refusal refusal = writeSilently(table, key, kept, null);
            if (refusal != null) {
                throw new AssertionError("row " + key + " of " + table + " cannot be deleted: " + refusal);
            }
        }
    }

    private RowStore.@Nullable Refusal writeSilently(
            EnrolledTable table, Key key, Value @Nullable [] now, Value @Nullable [] wanted) {
        List<RowStore.Refusal> refusals = new ArrayList<>();
        triggers.silenced(table, () -> {
            RowStore.Refusal refusal = rows.write(table, key, now, wanted);
            if (refusal != null) {
                refusals.add(refusal);
            }
        });
        return refusals.isEmpty() ? null : refusals.get(0);
    }
}
