// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.LostWrite;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values that lost to concurrent ones, as this file came to see them. Local: which of several losers is listed depends on
 * the order of arrival, and no merge reads it. A value that the writer of a later one had seen is taken off again. Holds the
 * newest 10,000 of the last 90 days. Confined to one connection.
 */
final class ConflictLog {
    static final int MOST = 10_000;
    static final long MAX_AGE_MILLIS = 90L * 24 * 3600 * 1000;

    private final SqlDatabase db;
    private final RowStore rows;
    /** Spares look-ups where there is nothing to find: on most days. */
    private boolean maybeAny;

    ConflictLog(SqlDatabase db, RowStore rows) {
        this.db = db;
        this.rows = rows;
        this.maybeAny = db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_conflict)") == 1;
    }

    /** Notes what loses when {@code op} is applied to a row. Before it is, and before the table shows it. */
    void note(EnrolledTable table, Key key, RowLives<String, Value> row, RowOp<String, Value> op, long nowMillis) {
        for (LostWrite<String, Value> loss : row.losses(op)) {
            Value lost = rows.value(table, key, loss.key(), loss.lost());
            LwwRegister<Value> kept = loss.kept();
            Value keptValue = kept == null ? null : rows.value(table, key, loss.key(), kept);
            if (!lost.equals(keptValue)) {
                add(table, key, loss, lost, keptValue, nowMillis);
            }
        }
        if (maybeAny) {
            RowStore.cells(op).forEach((column, cell) -> {
                if (cell instanceof CellOp.Put<Value> put && put.replaces() != null) {
                    forget(table, key, column, put.replaces());
                }
            });
        }
    }

    private void add(
            EnrolledTable table,
            Key key,
            LostWrite<String, Value> loss,
            Value lost,
            @Nullable Value keptValue,
            long nowMillis) {
        SqlStatement insert = db.prepare("INSERT INTO _ab_conflict(at, tbl, k, name, lost_origin, lost_seq, lost_rank,"
                        + " lost_value, kept_origin, kept_seq, kept_rank, kept_value)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(1, nowMillis)
                .bind(2, table.id())
                .bind(3, key.bytes())
                .bind(4, loss.key())
                .bind(5, loss.lost().dot().origin().bytes())
                .bind(6, loss.lost().dot().seq())
                .bind(7, loss.lost().rank())
                .bind(8, lost);
        LwwRegister<Value> kept = loss.kept();
        if (kept == null || keptValue == null) {
            insert.bindNull(9).bindNull(10).bindNull(11).bindNull(12);
        } else {
            insert.bind(9, kept.dot().origin().bytes())
                    .bind(10, kept.dot().seq())
                    .bind(11, kept.rank())
                    .bind(12, keptValue);
        }
        insert.run();
        maybeAny = true;
    }

    /** The writer of a later value had seen this one: it lost nothing. */
    private void forget(EnrolledTable table, Key key, String column, Dot seen) {
        db.prepare("DELETE FROM _ab_conflict WHERE tbl = ? AND k = ? AND name = ? AND lost_origin = ? AND lost_seq = ?")
                .bind(1, table.id())
                .bind(2, key.bytes())
                .bind(3, column)
                .bind(4, seen.origin().bytes())
                .bind(5, seen.seq())
                .run();
    }

    /** Keeps to the bounds. */
    void prune(long nowMillis) {
        if (!maybeAny) {
            return;
        }
        db.prepare("DELETE FROM _ab_conflict WHERE at < ? OR id <= (SELECT max(id) FROM _ab_conflict) - ?")
                .bind(1, nowMillis - MAX_AGE_MILLIS)
                .bind(2, MOST)
                .run();
    }

    /** Returns all, oldest first. */
    List<Conflict> all(Catalog catalog) {
        List<Conflict> conflicts = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT id, tbl, k, name, kept_value, kept_origin, kept_rank,"
                + " lost_value, lost_origin, lost_rank FROM _ab_conflict ORDER BY id");
        while (query.step()) {
            byte[] key = query.getBlob(2);
            String column = query.getText(3);
            Conflict.Write kept = write(query, 4);
            Conflict.Write lost = write(query, 7);
            if (key != null && column != null && lost != null) {
                conflicts.add(new Conflict(
                        query.getLong(0),
                        catalog.get(query.getLong(1)).name(),
                        Key.of(key).values(),
                        column,
                        kept,
                        lost));
            }
        }
        return conflicts;
    }

    private static Conflict.@Nullable Write write(SqlStatement row, int from) {
        byte[] origin = row.getBlob(from + 1);
        if (origin == null) {
            return null;
        }
        long rank = row.getLong(from + 2);
        Instant time = rank == 0 ? null : Instant.ofEpochMilli(new HybridTime(rank).millis());
        return new Conflict.Write(row.getValue(from), Origin.of(origin), time);
    }
}
