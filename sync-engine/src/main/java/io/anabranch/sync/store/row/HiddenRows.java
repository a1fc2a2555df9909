// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import io.anabranch.sync.store.schema.Token;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that state shows and the application's tables do not, each with the reason and with what it waits for: an older row with
 * its unique key, or a parent. Beside them those that have to show another value of a unique key, and what they wait for to show
 * their own. Confined to one connection.
 */
public final class HiddenRows {
    private final SqlDatabase db;

    public HiddenRows(SqlDatabase db) {
        this.db = db;
    }

    /**
     * Why a row is hidden.
     *
     * @param kind the constraint: {@code unique}, {@code foreign key}, or the one that SQLite named
     * @param reason a sentence
     * @param byTable the table of what it waits for; 0 if for nothing in particular
     * @param byKey the row that it waits for, or the {@link Token#bytes} of a parent
     * @param isOpen whether it hangs on itself, so that it is hidden for want of an answer
     */
    public record Reason(String kind, String reason, long byTable, byte @Nullable [] byKey, boolean isOpen) {
        public static final String UNIQUE = "unique";
        public static final String FOREIGN_KEY = "foreign key";

        /** Returns whether the row can show for all that other rows do. */
        public boolean isOwnFault() {
            return byKey == null;
        }
    }

    /** Returns whether any row waits to be shown, or shown as it was written. */
    public boolean any() {
        return db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_hidden) OR EXISTS (SELECT 1 FROM _ab_renamed)") == 1;
    }

    public boolean contains(EnrolledTable table, Key key) {
        return find(table, key) != null;
    }

    public @Nullable Reason find(EnrolledTable table, Key key) {
        return find("_ab_hidden", table, key);
    }

    /** Returns why a row may not show what was written; null if it may. It may show nothing at all beside. */
    public @Nullable Reason findRenamed(EnrolledTable table, Key key) {
        return find("_ab_renamed", table, key);
    }

    private @Nullable Reason find(String side, EnrolledTable table, Key key) {
        SqlStatement query = db.prepare(
                        "SELECT kind, reason, by_tbl, by_k, open FROM " + side + " WHERE tbl = ? AND k = ?")
                .bind(1, table.id())
                .bind(2, key.bytes());
        try {
            return query.step() ? read(query, 0) : null;
        } finally {
            query.reset();
        }
    }

    private static Reason read(SqlStatement row, int from) {
        return new Reason(
                String.valueOf(row.getText(from)),
                String.valueOf(row.getText(from + 1)),
                row.getLong(from + 2),
                row.getBlob(from + 3),
                row.getLong(from + 4) == 1);
    }

    public void put(EnrolledTable table, Key key, Reason reason) {
        put("_ab_hidden", table, key, reason);
    }

    public void putRenamed(EnrolledTable table, Key key, Reason reason) {
        put("_ab_renamed", table, key, reason);
    }

    private void put(String side, EnrolledTable table, Key key, Reason reason) {
        SqlStatement insert = db.prepare("INSERT OR REPLACE INTO " + side
                        + "(tbl, k, kind, reason, by_tbl, by_k, open) VALUES (?, ?, ?, ?, ?, ?, ?)")
                .bind(1, table.id())
                .bind(2, key.bytes())
                .bind(3, reason.kind)
                .bind(4, reason.reason)
                .bind(5, reason.byTable)
                .bind(7, reason.isOpen ? 1 : 0);
        byte[] by = reason.byKey;
        (by == null ? insert.bindNull(6) : insert.bind(6, by)).run();
    }

    public void remove(EnrolledTable table, Key key) {
        remove("_ab_hidden", table, key);
    }

    public void removeRenamed(EnrolledTable table, Key key) {
        remove("_ab_renamed", table, key);
    }

    private void remove(String side, EnrolledTable table, Key key) {
        db.prepare("DELETE FROM " + side + " WHERE tbl = ? AND k = ?")
                .bind(1, table.id())
                .bind(2, key.bytes())
                .run();
    }

    /** Returns the rows that wait for a row, or for a parent by the token's bytes. */
    public List<RowId> waitingFor(long table, byte[] key) {
        SqlStatement query = db.prepare("SELECT tbl, k FROM _ab_hidden WHERE by_tbl = ?1 AND by_k = ?2"
                        + " UNION SELECT tbl, k FROM _ab_renamed WHERE by_tbl = ?1 AND by_k = ?2 ORDER BY tbl, k")
                .bind(1, table)
                .bind(2, key);
        return rows(query);
    }

    /** Returns those that are hidden for want of an answer, in order of table and key. */
    public List<RowId> open() {
        return rows(db.prepare("SELECT tbl, k FROM _ab_hidden WHERE open = 1 ORDER BY tbl, k"));
    }

    /** Returns all that are hidden, in order of table and key. */
    public List<RowId> all() {
        return rows(db.prepare("SELECT tbl, k FROM _ab_hidden ORDER BY tbl, k"));
    }

    /** Returns all that may not show what was written, whether or not they show anything, in order of table and key. */
    public List<RowId> allRenamed() {
        return rows(db.prepare("SELECT tbl, k FROM _ab_renamed ORDER BY tbl, k"));
    }

    private static List<RowId> rows(SqlStatement query) {
        List<RowId> rows = new ArrayList<>();
        while (query.step()) {
            byte[] key = query.getBlob(1);
            if (key != null) {
                rows.add(new RowId(query.getLong(0), Key.of(key)));
            }
        }
        return rows;
    }
}
