// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The packed states of rows in {@code _ab_row}. Confined to one connection.
 *
 * <p>A statement for each row is most of what a row costs, so they are looked up many at a time, and what is saved is gathered and
 * written in order of key, many rows by one statement: at the end of each seal and of each batch that is applied, and before
 * anybody reads the table otherwise.
 */
final class RowStates {
    private static final int MOST_UNWRITTEN = 10_000;
    /** Rows in one statement, from several to one. Of a hundred, its program outgrows the fastest memory and takes twice as long. */
    private static final int[] SIZES = {10, 1};
    /** Stands for a row that has no state. */
    private static final byte[] NONE = {};

    private final SqlDatabase db;
    /** In the order in which they were saved, which is nearly that of their keys: so that to sort them costs little. */
    private final Map<RowId, Saved> unwritten = new LinkedHashMap<>();

    private final Map<RowId, byte[]> ahead = new HashMap<>();

    RowStates(SqlDatabase db) {
        this.db = db;
    }

    /** @param state null if the row has none any more */
    private record Saved(
            Key key, byte @Nullable [] state, @Nullable Long shown) {}

    /** Returns a row's state, null if it has none. */
    byte @Nullable [] get(EnrolledTable table, Key key) {
        RowId id = new RowId(table.id(), key);
        Saved saved = unwritten.get(id);
        if (saved != null) {
            return saved.state;
        }
        byte[] known = ahead.get(id);
        if (known != null) {
            return known == NONE ? null : known;
        }
        SqlStatement query = db.prepare("SELECT state FROM _ab_row WHERE tbl = ? AND k = ?")
                .bind(1, table.id())
                .bind(2, key.bytes());
        try {
            return query.step() ? query.getBlob(0) : null;
        } finally {
            query.reset();
        }
    }

    /** Returns the hash of what the application's table was last seen to show of a row; null if it showed nothing. */
    @Nullable
    Long shown(EnrolledTable table, Key key) {
        Saved saved = unwritten.get(new RowId(table.id(), key));
        if (saved != null) {
            return saved.shown;
        }
        SqlStatement query = db.prepare("SELECT shown FROM _ab_row WHERE tbl = ? AND k = ?")
                .bind(1, table.id())
                .bind(2, key.bytes());
        try {
            return query.step() && !query.isNull(0) ? query.getLong(0) : null;
        } finally {
            query.reset();
        }
    }

    /** Looks up rows that are about to be asked for. What was looked up before is forgotten. */
    void lookAhead(EnrolledTable table, Collection<Key> keys) {
        ahead.clear();
        List<Key> wanted = new ArrayList<>(keys);
        wanted.removeIf(key -> unwritten.containsKey(new RowId(table.id(), key)));
        inChunks(wanted.size(), (from, size) -> look(table, wanted.subList(from, from + size)));
    }

    /** Returns those of some keys that have state. After {@link #lookAhead} for them. */
    List<Key> known(EnrolledTable table, Collection<Key> keys) {
        List<Key> known = new ArrayList<>(keys);
        known.removeIf(key -> get(table, key) == null);
        return known;
    }

    private void look(EnrolledTable table, List<Key> keys) {
        SqlStatement query = db.prepare("WITH _ab_wanted(i, k) AS (VALUES " + numbered(keys.size()) + ") SELECT w.i,"
                + " r.state FROM _ab_wanted AS w CROSS JOIN _ab_row AS r ON r.tbl = " + table.id() + " AND r.k = w.k");
        for (int i = 0; i < keys.size(); i++) {
            query.bind(i + 1, keys.get(i).bytes());
            ahead.put(new RowId(table.id(), keys.get(i)), NONE);
        }
        while (query.step()) {
            byte[] state = query.getBlob(1);
            if (state != null) {
                ahead.put(new RowId(table.id(), keys.get((int) query.getLong(0))), state);
            }
        }
    }

    private static String numbered(int count) {
        List<String> terms = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            terms.add("(" + i + ", ?)");
        }
        return String.join(", ", terms);
    }

    /** @param shown the hash of what the application's table shows of the row; null if it shows nothing */
    void put(EnrolledTable table, Key key, byte[] state, @Nullable Long shown) {
        save(table, new Saved(key, state, shown));
    }

    void remove(EnrolledTable table, Key key) {
        save(table, new Saved(key, null, null));
    }

    private void save(EnrolledTable table, Saved saved) {
        RowId id = new RowId(table.id(), saved.key);
        ahead.remove(id);
        unwritten.put(id, saved);
        if (unwritten.size() >= MOST_UNWRITTEN) {
            write();
        }
    }

    /** Forgets everything that is not in the file: what was saved, too. */
    void forget() {
        ahead.clear();
        unwritten.clear();
    }

    /** Forgets what was looked up: it may change from now on. */
    void release() {
        ahead.clear();
    }

    /** Writes what was saved. */
    void write() {
        if (unwritten.isEmpty()) {
            return;
        }
        List<Map.Entry<RowId, Saved>> sorted = new ArrayList<>(unwritten.entrySet());
        unwritten.clear();
        sorted.sort(Map.Entry.comparingByKey());
        int from = 0;
        for (int i = 1; i <= sorted.size(); i++) {
            long table = sorted.get(from).getKey().table();
            if (i == sorted.size() || sorted.get(i).getKey().table() != table) {
                write(table, sorted.subList(from, i));
                from = i;
            }
        }
    }

    private void write(long table, List<Map.Entry<RowId, Saved>> rows) {
        List<Saved> kept = new ArrayList<>(rows.size());
        for (Map.Entry<RowId, Saved> row : rows) {
            if (row.getValue().state == null) {
                db.prepare("DELETE FROM _ab_row WHERE tbl = ? AND k = ?")
                        .bind(1, table)
                        .bind(2, row.getValue().key.bytes())
                        .run();
            } else {
                kept.add(row.getValue());
            }
        }
        inChunks(kept.size(), (from, size) -> insert(table, kept.subList(from, from + size)));
    }

    private void insert(long table, List<Saved> rows) {
        SqlStatement insert = db.prepare("INSERT OR REPLACE INTO _ab_row(tbl, k, state, shown) VALUES "
                + repeat("(" + table + ", ?, ?, ?)", rows.size()));
        int at = 1;
        for (Saved row : rows) {
            insert.bind(at, row.key.bytes());
            byte[] state = row.state;
            Long shown = row.shown;
            if (state != null) {
                insert.bind(at + 1, state);
            }
            if (shown == null) {
                insert.bindNull(at + 2);
            } else {
                insert.bind(at + 2, shown);
            }
            at += 3;
        }
        insert.run();
    }

    interface Chunk {
        void accept(int from, int size);
    }

    /** Cuts so many rows into chunks of few sizes, so that few texts of statements do for all. */
    static void inChunks(int count, Chunk each) {
        int from = 0;
        for (int size : SIZES) {
            for (; count - from >= size; from += size) {
                each.accept(from, size);
            }
        }
    }

    static String repeat(String term, int times) {
        StringBuilder list = new StringBuilder(term);
        for (int i = 1; i < times; i++) {
            list.append(", ").append(term);
        }
        return list.toString();
    }
}
