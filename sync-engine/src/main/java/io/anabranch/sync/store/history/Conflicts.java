// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what {@link ConflictLog} noted and what seals rejected. Confined to one connection. */
public final class Conflicts {
    private static final String LOST = "SELECT id, at, kind, tbl, k, name, rule, kept_value, kept_origin, kept_rank,"
            + " lost_value, lost_origin, lost_rank FROM _ab_conflict";
    private static final String REJECTED = "SELECT id, at, tbl, k, name, value, reason FROM _ab_rejected";

    private final SqlDatabase db;
    private final Catalog catalog;
    private final Origin self;

    /** @param self under whose name rejected values were written */
    public Conflicts(SqlDatabase db, Catalog catalog, Origin self) {
        this.db = db;
        this.catalog = catalog;
        this.self = self;
    }

    /** Returns all, oldest first. */
    public List<Conflict> all() {
        List<Conflict> conflicts = lost(db.prepare(LOST + " ORDER BY id"));
        conflicts.addAll(rejected(db.prepare(REJECTED + " ORDER BY id")));
        conflicts.sort((a, b) -> Long.compare(a.id(), b.id()));
        return conflicts;
    }

    /** Returns the one of that number, null if there is none. */
    @Nullable
    Conflict find(long id) {
        List<Conflict> found = lost(db.prepare(LOST + " WHERE id = ?").bind(1, id));
        found.addAll(rejected(db.prepare(REJECTED + " WHERE id = ?").bind(1, id)));
        return found.isEmpty() ? null : found.get(0);
    }

    /** Returns those about one row, oldest first. */
    public List<Conflict> of(EnrolledTable table, Key key) {
        List<Conflict> conflicts = lost(db.prepare(LOST + " WHERE tbl = ? AND k = ? ORDER BY id")
                .bind(1, table.id())
                .bind(2, key.bytes()));
        conflicts.addAll(rejected(db.prepare(REJECTED + " WHERE tbl = ? AND k = ? ORDER BY id")
                .bind(1, table.id())
                .bind(2, key.bytes())));
        return conflicts;
    }

    private List<Conflict> lost(SqlStatement query) {
        List<Conflict> conflicts = new ArrayList<>();
        while (query.step()) {
            EnrolledTable table = catalog.get(query.getLong(3));
            String name = String.valueOf(query.getText(5));
            EnrolledTable.Column column = table.column(name);
            Conflict.Write lost = write(query, 10);
            if (lost != null) {
                conflicts.add(new Conflict(
                        query.getLong(0),
                        Conflict.Kind.parse(String.valueOf(query.getText(2))),
                        table.label(),
                        key(query, 4),
                        ConflictLog.WHOLE_ROW.equals(name) ? null : column == null ? name : column.label(),
                        String.valueOf(query.getText(6)),
                        write(query, 7),
                        lost,
                        "",
                        Instant.ofEpochMilli(query.getLong(1))));
            }
        }
        return conflicts;
    }

    private List<Conflict> rejected(SqlStatement query) {
        List<Conflict> conflicts = new ArrayList<>();
        while (query.step()) {
            EnrolledTable table = catalog.get(query.getLong(2));
            String name = String.valueOf(query.getText(4));
            EnrolledTable.Column column = table.column(name);
            Instant noticed = Instant.ofEpochMilli(query.getLong(1));
            conflicts.add(new Conflict(
                    query.getLong(0),
                    Conflict.Kind.REJECTED,
                    table.label(),
                    key(query, 3),
                    column == null ? name : column.label(),
                    column == null ? "" : column.rule().label(),
                    null,
                    new Conflict.Write(query.getValue(5), self, noticed),
                    String.valueOf(query.getText(6)),
                    noticed));
        }
        return conflicts;
    }

    private static List<Value> key(SqlStatement row, int column) {
        byte[] key = row.getBlob(column);
        if (key == null) {
            throw new AssertionError("a conflict without a key");
        }
        return Key.of(key).values();
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
