// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.List;

/** The bytes of a space's snapshots, in the pieces in which they came; see {@link RelaySchema}. */
final class SqliteBlobs {
    private final SqliteRelayStore store;
    private final long space;

    SqliteBlobs(SqliteRelayStore store, long space) {
        this.store = store;
        this.space = space;
    }

    List<Snapshot.Id> all() {
        return store.read(database -> {
            SqlStatement rows = database.prepare(
                    "SELECT hash, size FROM blob WHERE space = ? GROUP BY hash, size ORDER BY min(id)");
            rows.bind(1, space);
            List<Snapshot.Id> ids = new ArrayList<>();
            while (rows.step()) {
                ids.add(new Snapshot.Id(Hash128.of(SqliteSpace.blob(rows, 0)), rows.getLong(1)));
            }
            return ids;
        });
    }

    long length(Snapshot.Id id) {
        return store.read(database -> length(database, id));
    }

    private long length(SqlDatabase database, Snapshot.Id id) {
        SqlStatement row = of(
                database,
                "SELECT at + length(bytes) FROM blob WHERE space = ? AND hash = ? AND size = ? ORDER BY at DESC LIMIT"
                        + " 1",
                id);
        long length = row.step() ? row.getLong(0) : 0;
        row.reset();
        return length;
    }

    void append(Snapshot.Id id, long from, byte[] bytes) {
        store.write(database -> {
            long length = length(database, id);
            if (from == length && bytes.length > 0 && length + bytes.length <= id.sizeBytes()) {
                of(database, "INSERT INTO blob (space, hash, size, at, bytes) VALUES (?, ?, ?, ?, ?)", id)
                        .bind(4, from)
                        .bind(5, bytes)
                        .run();
            }
            return length;
        });
    }

    byte[] read(Snapshot.Id id, long from, int maxBytes) {
        return store.read(database -> {
            SqlStatement rows = of(
                            database,
                            "SELECT at, bytes FROM blob WHERE space = ?1 AND hash = ?2 AND size = ?3 AND at >= (SELECT"
                                    + " max(at) FROM blob WHERE space = ?1 AND hash = ?2 AND size = ?3 AND at <= ?4)"
                                    + " ORDER BY at",
                            id)
                    .bind(4, from);
            ByteWriter out = new ByteWriter(Math.min(maxBytes, 1 << 20));
            while (out.size() < maxBytes && rows.step()) {
                byte[] piece = SqliteSpace.blob(rows, 1);
                int skip = (int) Math.min(piece.length, Math.max(0, from - rows.getLong(0)));
                out.raw(piece, skip, Math.min(piece.length - skip, maxBytes - out.size()));
            }
            rows.reset();
            return out.toByteArray();
        });
    }

    void drop(Snapshot.Id id) {
        store.write(database -> {
            of(database, "DELETE FROM blob WHERE space = ? AND hash = ? AND size = ?", id)
                    .run();
            return true;
        });
    }

    private SqlStatement of(SqlDatabase database, String sql, Snapshot.Id id) {
        return database.prepare(sql).bind(1, space).bind(2, id.hash().bytes()).bind(3, id.sizeBytes());
    }
}
