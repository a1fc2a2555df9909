// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads what was captured of one table in order of key, so that all that was noted of one row comes together, some rows at a
 * time. To be closed: an open cursor would outlive a rollback, and keep the file as it was then. Confined to one connection.
 */
final class CapturedRows implements AutoCloseable {
    private static final int MOST_ROWS = 100;
    private static final long MOST_BYTES = 1 << 20;

    private final EnrolledTable table;
    private final RowStore rows;
    private final Map<Key, Map<String, SortedMap<Origin, Long>>> gifts;
    private final SqlStatement query;
    /** A row of which more may have been noted. */
    private @Nullable CapturedRow last;

    private boolean isOver;

    CapturedRows(SqlDatabase db, RowStore rows, EnrolledTable table) {
        this.table = table;
        this.rows = rows;
        this.gifts = table.hasRights() ? new Gifts(db).take(table) : Map.of();
        this.query = db.prepare(table.joinPendingSql()).bind(1, table.id());
    }

    /** Returns the next rows, none at the end. */
    List<CapturedRow> next() {
        List<CapturedRow> some = new ArrayList<>();
        long bytes = 0;
        while (!isOver && some.size() < MOST_ROWS && bytes < MOST_BYTES) {
            CapturedRow row = nextRow();
            if (row != null) {
                some.add(row);
                bytes += row.sizeBytes();
            }
        }
        return some;
    }

    private @Nullable CapturedRow nextRow() {
        int keys = table.keyNames().size();
        while (query.step()) {
            Key key = RowStore.readKey(table, query, 1);
            CapturedRow before = last;
            CapturedRow row = before;
            if (row == null || !row.key.equals(key)) {
                Value[] image = image(key, 1 + keys + table.maskColumns());
                row = new CapturedRow(key, table.maskColumns(), image, gifts.getOrDefault(key, Map.of()));
                last = row;
            }
            row.addTime(query.getLong(0));
            for (int i = 0; i < table.maskColumns(); i++) {
                row.add(i, query.getLong(1 + keys + i));
            }
            if (before != null && before != row) {
                return before;
            }
        }
        isOver = true;
        return last;
    }

    private Value @Nullable [] image(Key key, int rowAt) {
        if (!table.joinsRows()) {
            return rows.image(table, key);
        }
        // SQLite may have joined a row whose key only looks equal.
        boolean isThere = RowStore.readKey(table, query, rowAt).equals(key);
        return isThere
                ? RowStore.readImage(table, query, rowAt + table.keyNames().size())
                : null;
    }

    @Override
    public void close() {
        query.reset();
    }
}
