// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.HashMap;
import java.util.Map;

/**
 * The digest of each table: the sum of the hashes of its rows, moved as rows change and kept in the same transaction as they
 * are. Costs O(change). Confined to one connection.
 */
public final class TableDigests {
    private final SqlDatabase db;
    private final RowDigest hashes = new RowDigest();
    private final Map<Long, Hash128> moved = new HashMap<>();

    TableDigests(SqlDatabase db) {
        this.db = db;
    }

    /** Says that a row's state becomes {@code after}. */
    void move(EnrolledTable table, Key key, RowLives<String, Value> before, RowLives<String, Value> after) {
        Hash128 by = hashes.of(key, after).minus(hashes.of(key, before));
        if (!by.equals(Hash128.ZERO)) {
            moved.merge(table.id(), by, Hash128::plus);
        }
    }

    /** Writes what has moved. At the end of a transaction. */
    void flush() {
        moved.forEach((table, by) -> put(table, stored(table).plus(by)));
        moved.clear();
    }

    /** Forgets what has moved, with the transaction that moved it. */
    void forget() {
        moved.clear();
    }

    public Hash128 of(long table) {
        return stored(table).plus(moved.getOrDefault(table, Hash128.ZERO));
    }

    private Hash128 stored(long table) {
        SqlStatement query =
                db.prepare("SELECT digest FROM _ab_digest WHERE tbl = ?").bind(1, table);
        try {
            byte[] digest = query.step() ? query.getBlob(0) : null;
            return digest == null ? Hash128.ZERO : Hash128.of(digest);
        } finally {
            query.reset();
        }
    }

    void put(long table, Hash128 digest) {
        db.prepare("INSERT OR REPLACE INTO _ab_digest(tbl, digest) VALUES (?, ?)")
                .bind(1, table)
                .bind(2, digest.bytes())
                .run();
    }
}
