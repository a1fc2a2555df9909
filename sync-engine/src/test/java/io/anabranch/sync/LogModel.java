// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the plain types of {@code crdt} make of a replica's log: the specification that its tables are held against. */
final class LogModel {
    private final Map<String, Map<String, RowLives<String, Value>>> tables = new TreeMap<>();

    static LogModel of(TestReplica replica) {
        return of(replica, replica.file().heads().vector());
    }

    /** Makes a model of what is within {@code seen} of a replica's log. */
    static LogModel of(TestReplica replica, VersionVector seen) {
        LogModel model = new LogModel();
        replica.file().reports().forEachChangeSet(changeSet -> {
            if (seen.contains(changeSet.header().dot())) {
                replica.file().reports().forEachOp(changeSet, op -> {
                    if (op instanceof TableOp.Change change) {
                        model.apply(change);
                    }
                });
            }
        });
        return model;
    }

    private void apply(TableOp.Change change) {
        List<String> key = new ArrayList<>();
        change.key().forEach(value -> key.add(text(value)));
        tables.computeIfAbsent(change.table(), t -> new TreeMap<>())
                .merge(
                        String.join("|", key),
                        RowLives.<String, Value>none().apply(change.op()),
                        (row, ignored) -> row.apply(change.op()));
    }

    /** Returns the state of a row, {@link RowLives#none} if there is none. */
    RowLives<String, Value> row(String table, String key) {
        return tables.getOrDefault(table, Map.of()).getOrDefault(key, RowLives.none());
    }

    /** Returns the rows as {@link TestReplica#rows} does. The counter is the column called stock. */
    List<String> rows(String table, String... columns) {
        List<String> rows = new ArrayList<>();
        tables.getOrDefault(table, Map.of()).forEach((key, row) -> {
            if (row.isShown()) {
                StringBuilder text = new StringBuilder(key);
                for (String column : columns) {
                    text.append('|').append(column.equals("stock") ? row.counter(column) : register(row, column));
                }
                rows.add(text.toString());
            }
        });
        return rows;
    }

    /** Returns the rows of a table that state shows, by their keys joined by bars. */
    Map<String, RowLives<String, Value>> shown(String table) {
        Map<String, RowLives<String, Value>> shown = new TreeMap<>(tables.getOrDefault(table, Map.of()));
        shown.values().removeIf(row -> !row.isShown());
        return shown;
    }

    /** Returns a column of a row as text, "null" for NULL. */
    static String register(RowLives<String, Value> row, String column) {
        LwwRegister<Value> register = row.register(column);
        return register == null ? "null" : text(register.value());
    }

    private static String text(Value value) {
        if (value instanceof Value.Null) {
            return "null";
        }
        if (value instanceof Value.Blob blob) {
            return new String(blob.bytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
        return value.toString();
    }
}
