// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.Cell;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what {@link ConflictLog} noted and what seals rejected. Confined to one connection. */
public final class Conflicts {
    private static final String LOST = "SELECT id, at, kind, tbl, k, name, rule, kept_value, kept_origin, kept_seq,"
            + " kept_rank, lost_value, lost_origin, lost_seq, lost_rank FROM _ab_conflict WHERE asleep = 0";
    private static final String REJECTED = "SELECT id, at, tbl, k, name, value, reason FROM _ab_rejected";

    private final SqlDatabase db;
    private final Catalog catalog;
    private final RowStore rows;
    private final ChangeLog log;
    private final Origin self;
    /** When change sets were written; 0 for those that are not in the log. */
    private final Map<Dot, Long> stamps = new HashMap<>();

    /** @param self under whose name rejected values were written */
    public Conflicts(SqlDatabase db, Catalog catalog, RowStore rows, ChangeLog log, Origin self) {
        this.db = db;
        this.catalog = catalog;
        this.rows = rows;
        this.log = log;
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
        List<Conflict> found = lost(db.prepare(LOST + " AND id = ?").bind(1, id));
        found.addAll(rejected(db.prepare(REJECTED + " WHERE id = ?").bind(1, id)));
        return found.isEmpty() ? null : found.get(0);
    }

    /** Returns those about one row, oldest first. */
    public List<Conflict> of(EnrolledTable table, Key key) {
        List<Conflict> conflicts = lost(db.prepare(LOST + " AND tbl = ? AND k = ? ORDER BY id")
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
            Conflict.Write lost = write(query, 11);
            Conflict.Kind kind = Conflict.Kind.parse(String.valueOf(query.getText(2)));
            if (lost != null) {
                conflicts.add(new Conflict(
                        query.getLong(0),
                        kind,
                        table.label(),
                        key(query, 4),
                        ConflictLog.WHOLE_ROW.equals(name) ? null : column == null ? name : column.label(),
                        String.valueOf(query.getText(6)),
                        write(query, 7),
                        lost,
                        kind == Conflict.Kind.IDENTITY ? counted(table, query) : "",
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

    private Conflict.@Nullable Write write(SqlStatement row, int from) {
        Dot dot = dot(row, from + 1);
        return dot == null
                ? null
                : new Conflict.Write(
                        row.getValue(from), dot.origin(), Historian.time(stamp(dot, row.getLong(from + 3))));
    }

    private static @Nullable Dot dot(SqlStatement row, int from) {
        byte[] origin = row.getBlob(from);
        return origin == null ? null : new Dot(Origin.of(origin), row.getLong(from + 1));
    }

    /** Returns when a change set was written, as everywhere; where the log was cut, the rank of what it wrote has to do. */
    private long stamp(Dot dot, long rank) {
        if (rank == 0) {
            return 0;
        }
        long stamp = stamps.computeIfAbsent(dot, this::stampInLog);
        return stamp == 0 ? rank : stamp;
    }

    private long stampInLog(Dot dot) {
        try {
            EncodedChangeSet changeSet = log.find(dot);
            return changeSet == null ? 0 : changeSet.header().stamp();
        } catch (DecodeException e) {
            return 0; // A disk has altered it: that is told where it would be sent.
        }
    }

    /** Says which counters of two rows that are one now add up, and what each brings; empty if none does. */
    private String counted(EnrolledTable table, SqlStatement row) {
        Dot first = dot(row, 8);
        Dot second = dot(row, 12);
        byte[] key = row.getBlob(4);
        if (first == null || second == null || key == null) {
            return "";
        }
        Life<String, Value> one = null;
        Life<String, Value> other = null;
        for (Life<String, Value> life : rows.read(table, Key.of(key), null).shown()) {
            one = life.id().equals(first) ? life : one;
            other = life.id().equals(second) ? life : other;
        }
        List<String> sums = new ArrayList<>();
        for (EnrolledTable.Column column : table.columns()) {
            BigInteger here = one == null ? null : amount(one, column);
            BigInteger there = other == null ? null : amount(other, column);
            if (here != null && there != null) {
                sums.add(column.label() + " counts both, " + here + " and " + there);
            }
        }
        return String.join("; ", sums);
    }

    private static @Nullable BigInteger amount(Life<String, Value> life, EnrolledTable.Column column) {
        Cell<Value> cell = life.cell(column.name(), column.rule().kind().cells());
        if (cell instanceof Cell.Count<Value> count) {
            return count.counter().value();
        }
        if (cell instanceof Cell.Growth<Value> growth) {
            return growth.counter().value();
        }
        return cell instanceof Cell.Bounded<Value> bounded ? bounded.counter().value() : null;
    }
}
