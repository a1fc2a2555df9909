// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.Resolution;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.CaptureTriggers;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.rule.ColumnRule;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what people decided about conflicts. A decision is an ordinary write of the application's table: the triggers
 * capture it, its seal names what it saw, and so the conflict goes at every replica that hears of it. Where the value that
 * shows is confirmed, which is no change to any trigger, the capture is made here. Runs in the caller's write transaction,
 * before its seal. Confined to one connection.
 */
public final class ConflictResolver {
    private final SqlDatabase db;
    private final Catalog catalog;
    private final RowStore rows;
    private final Origin self;
    private final Conflicts conflicts;
    private final ConflictLog log;

    public ConflictResolver(SqlDatabase db, Catalog catalog, RowStore rows, Origin self, Conflicts conflicts) {
        this.db = db;
        this.catalog = catalog;
        this.rows = rows;
        this.self = self;
        this.conflicts = conflicts;
        this.log = new ConflictLog(db, rows);
    }

    // ---- Asked for by plain SQL

    /** Returns whether there are decisions in {@code _ab_resolve} that nobody has carried out yet. */
    public static boolean isAsked(SqlDatabase db) {
        return db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_resolve WHERE problem IS NULL)") == 1;
    }

    /** Carries out what is asked for in {@code _ab_resolve}. What cannot be done stays there, with the problem. */
    public void carryOutAsked() {
        asked().forEach((id, request) -> {
            db.execute("SAVEPOINT _ab_resolving");
            try {
                resolve(request.conflict, request.resolution());
                db.prepare("DELETE FROM _ab_resolve WHERE id = ?").bind(1, id).run();
            } catch (SyncException | IllegalArgumentException e) {
                db.execute("ROLLBACK TO _ab_resolving");
                db.prepare("UPDATE _ab_resolve SET problem = ? WHERE id = ?")
                        .bind(1, String.valueOf(e.getMessage()))
                        .bind(2, id)
                        .run();
            }
            db.execute("RELEASE _ab_resolving");
        });
    }

    private Map<Long, Request> asked() {
        Map<Long, Request> asked = new LinkedHashMap<>();
        SqlStatement query =
                db.prepare("SELECT id, conflict, choice, value FROM _ab_resolve WHERE problem IS NULL ORDER BY id");
        while (query.step()) {
            asked.put(
                    query.getLong(0),
                    new Request(query.getLong(1), String.valueOf(query.getText(2)), query.getValue(3)));
        }
        return asked;
    }

    private record Request(long conflict, String choice, Value value) {
        Resolution resolution() {
            return choice.equals(Resolution.Choice.SET.label()) ? Resolution.set(value) : Resolution.parse(choice);
        }
    }

    // ---- Resolving

    /**
     * Carries out a decision.
     *
     * @return the conflict that it was about
     * @throws SyncException.NoSuchConflict if there is none of that number
     * @throws SyncException.CannotResolve if it cannot be resolved this way, or the table or the
     *     column's rule will not have the value; the caller rolls back what was written of it
     */
    public Conflict resolve(long id, Resolution resolution) {
        Conflict conflict = conflicts.find(id);
        if (conflict == null) {
            throw new SyncException.NoSuchConflict("there is no conflict " + id
                    + ": it was resolved, or written over by somebody who had seen it; 'anabranch conflicts' lists those"
                    + " there are");
        }
        Resolution.Choice choice = resolution.choice();
        if (conflict.kind() == Conflict.Kind.VALUE) {
            Value other =
                    choice == Resolution.Choice.KEEP_OTHER ? conflict.lost().value() : resolution.value();
            settle(conflict, other);
        } else if (choice == Resolution.Choice.KEEP_OTHER) {
            throw cannot(
                    conflict,
                    conflict.kind() == Conflict.Kind.IDENTITY
                            ? "two rows under one key have no other value: write what is right with SQL, then accept"
                            : "the rule of its column cannot take that value: give another with set, or accept");
        } else if (resolution.value() != null) {
            if (conflict.kind() == Conflict.Kind.IDENTITY) {
                throw cannot(conflict, "it is about a whole row: write what is right with SQL, then accept");
            }
            settle(conflict, resolution.value());
        }
        log.delete(id);
        db.prepare("DELETE FROM _ab_rejected WHERE id = ?").bind(1, id).run();
        return conflict;
    }

    /** @param other the value to write; null for the one that shows */
    private void settle(Conflict conflict, @Nullable Value other) {
        EnrolledTable table = catalog.named(conflict.table());
        EnrolledTable.Column column = table == null ? null : table.labelled(String.valueOf(conflict.column()));
        if (table == null || !table.isLocal() || column == null || !column.isLocal()) {
            throw cannot(
                    conflict, "column " + conflict.table() + "." + conflict.column() + " is not in this file's tables");
        }
        Key key = Key.of(conflict.key());
        Value[] image = rows.image(table, key);
        if (image == null) {
            if (other != null) {
                bringBack(conflict, table, column.localName(), other);
                checkRule(conflict, table, key, column, RowLives.none());
            }
            return;
        }
        Value shown = image[table.shown().indexOf(column)];
        if (other != null && !other.equals(shown)) {
            RowLives<String, Value> before = rows.load(table, key, image);
            run(
                    conflict,
                    "UPDATE OR ABORT " + table(table) + " SET " + Sql.name(column.localName()) + " = ? WHERE "
                            + where(table),
                    values(other, conflict.key()));
            checkRule(conflict, table, key, column, before);
        }
        // What the column's type makes of the value may be what shows already: then no trigger saw a change.
        capture(table, key, column);
    }

    /** The seal would put back what the rule cannot take, and list it as another conflict. Looks at what the column's type made of it. */
    private void checkRule(
            Conflict conflict,
            EnrolledTable table,
            Key key,
            EnrolledTable.Column column,
            RowLives<String, Value> before) {
        Value[] image = rows.image(table, key);
        if (image == null) {
            return; // A trigger of the application saw to it.
        }
        Value value = image[table.shown().indexOf(column)];
        try {
            ColumnRule.of(column.rule())
                    .write(
                            value,
                            new ColumnRule.Context(
                                    before, column, self, true, Collections.emptySortedMap(), rows.merges()));
        } catch (ColumnRule.Rejection e) {
            throw cannot(
                    conflict,
                    "rule " + column.rule().label() + " of " + table + "." + column.localName() + " cannot take "
                            + value + ": " + e.reason());
        }
    }

    private void bringBack(Conflict conflict, EnrolledTable table, String column, Value value) {
        StringBuilder names = new StringBuilder(Sql.name(column));
        StringBuilder marks = new StringBuilder("?");
        table.localKeyNames().forEach(name -> {
            names.append(", ").append(Sql.name(name));
            marks.append(", ?");
        });
        run(
                conflict,
                "INSERT OR ABORT INTO " + table(table) + "(" + names + ") VALUES (" + marks + ")",
                values(value, conflict.key()));
    }

    private void run(Conflict conflict, String sql, List<Value> values) {
        try {
            ExactText.bind(db, sql, values).run();
        } catch (SqlException e) {
            if (e.kind() != SqlException.Kind.CONSTRAINT && e.kind() != SqlException.Kind.BAD_SQL) {
                throw e;
            }
            throw cannot(conflict, "the table will not have it: " + e.getMessage());
        }
    }

    private void capture(EnrolledTable table, Key key, EnrolledTable.Column column) {
        StringBuilder names = new StringBuilder("tbl, scratch, at, m" + column.maskIndex());
        StringBuilder values = new StringBuilder(table.id() + ", 0, " + CaptureTriggers.NOW + ", " + column.maskBit());
        List<Value> keyValues = key.values();
        for (int i = 0; i < keyValues.size(); i++) {
            names.append(", k").append(i);
            values.append(", ?");
        }
        ExactText.bind(db, "INSERT INTO _ab_pending(" + names + ") VALUES (" + values + ")", keyValues)
                .run();
    }

    private static String table(EnrolledTable table) {
        return Sql.name(String.valueOf(table.localName()));
    }

    private static String where(EnrolledTable table) {
        List<String> terms = new ArrayList<>();
        table.localKeyNames().forEach(name -> terms.add(Sql.name(name) + " = ?"));
        return String.join(" AND ", terms);
    }

    private static List<Value> values(Value first, List<Value> key) {
        List<Value> values = new ArrayList<>();
        values.add(first);
        values.addAll(key);
        return values;
    }

    private static SyncException cannot(Conflict conflict, String why) {
        return new SyncException.CannotResolve("cannot resolve conflict " + conflict.id() + " that way: " + why);
    }
}
