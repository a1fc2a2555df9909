// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.Gifts;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads what was captured of one table in order of key, so that all that was noted of one row comes together, some rows at a
 * time. What fits is gathered and sorted here; of more than that, SQLite makes an order. To be closed: an open cursor would outlive a rollback, and keep
 * the file as it was then. Confined to one connection.
 */
final class CapturedRows implements AutoCloseable {
    private static final int MOST_ROWS = 100;
    private static final long MOST_BYTES = 1 << 20;
    /** What is gathered at most. */
    private static final int MOST_GATHERED = 10_000;

    private static final long MOST_GATHERED_BYTES = 8 << 20;

    private final SqlDatabase db;
    private final EnrolledTable table;
    private final RowStore rows;
    private final Map<Key, Map<String, SortedMap<Origin, Long>>> gifts;
    /** All rows, if they fit, from the next one on. */
    private @Nullable List<CapturedRow> gathered;

    private @Nullable SqlStatement query;
    /** A row of which more may have been noted. */
    private @Nullable CapturedRow last;

    private boolean isOver;

    /** @param count how often rows of the table were noted */
    CapturedRows(SqlDatabase db, RowStore rows, EnrolledTable table, long count) {
        this.db = db;
        this.table = table;
        this.rows = rows;
        this.gifts = table.hasRights() ? new Gifts(db).take(table) : Map.of();
        this.gathered = count <= MOST_GATHERED && table.joinsRows() ? gather() : null;
    }

    /** Returns the next rows, none at the end. */
    List<CapturedRow> next() {
        if (gathered != null) {
            List<CapturedRow> some = gathered.subList(0, Math.min(MOST_ROWS, gathered.size()));
            gathered = gathered.subList(some.size(), gathered.size());
            return some;
        }
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

    // ---- Few rows

    /** Returns all rows, null if they are too large. Finds each where it was when it was noted, or else by its key. */
    private @Nullable List<CapturedRow> gather() {
        int keys = table.keyNames().size();
        int foundAt = 1 + keys + table.maskColumns();
        Map<Key, CapturedRow> all = new HashMap<>();
        long bytes = 0;
        SqlStatement notes = db.prepare(table.joinFewPendingSql()).bind(1, table.id());
        while (notes.step()) {
            Key key = RowStore.readKey(table, notes, 1);
            CapturedRow row = all.get(key);
            if (row == null) {
                boolean isThere = notes.getLong(foundAt) == 1;
                row = row(key, isThere ? RowStore.readImage(table, notes, foundAt + 1) : rows.image(table, key));
                all.put(key, row);
                bytes += row.sizeBytes();
                if (bytes > MOST_GATHERED_BYTES) {
                    notes.reset();
                    return null;
                }
            }
            note(row, notes);
        }
        List<CapturedRow> sorted = new ArrayList<>(all.values());
        sorted.sort(Comparator.comparing(row -> row.key));
        return sorted;
    }

    private CapturedRow row(Key key, Value @Nullable [] image) {
        return new CapturedRow(key, table.maskColumns(), image, gifts.getOrDefault(key, Map.of()));
    }

    /** Adds what was noted at one time. */
    private void note(CapturedRow row, SqlStatement noted) {
        row.addTime(noted.getLong(0));
        int masksAt = 1 + table.keyNames().size();
        for (int i = 0; i < table.maskColumns(); i++) {
            row.add(i, noted.getLong(masksAt + i));
        }
    }

    // ---- Many

    private @Nullable CapturedRow nextRow() {
        SqlStatement notes = inOrderOfKey();
        while (notes.step()) {
            Key key = RowStore.readKey(table, notes, 1);
            CapturedRow before = last;
            CapturedRow row = before;
            if (row == null || !row.key.equals(key)) {
                row = row(key, image(notes, key));
                last = row;
            }
            note(row, notes);
            if (before != null && before != row) {
                return before;
            }
        }
        isOver = true;
        return last;
    }

    private SqlStatement inOrderOfKey() {
        if (query == null) {
            query = db.prepare(table.joinPendingSql()).bind(1, table.id());
        }
        return query;
    }

    private Value @Nullable [] image(SqlStatement notes, Key key) {
        if (!table.joinsRows()) {
            return rows.image(table, key);
        }
        int rowAt = 1 + table.keyNames().size() + table.maskColumns();
        // SQLite may have joined a row whose key only looks equal.
        boolean isThere = RowStore.readKey(table, notes, rowAt).equals(key);
        return isThere
                ? RowStore.readImage(table, notes, rowAt + table.keyNames().size())
                : null;
    }

    @Override
    public void close() {
        if (query != null) {
            query.reset();
        }
    }
}
