// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.enrol;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.SyncException.CannotEnrol;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.rule.ColumnRule;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.IndexText;
import io.anabranch.sync.store.schema.IndexedColumns;
import io.anabranch.sync.store.schema.RowProbe;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a table can be enrolled: each check throws {@link CannotEnrol}, which says what is in the way and what to do.
 * Confined to one connection.
 */
final class EnrolmentChecks {
    private final SqlDatabase db;
    private final TableInspector inspector;

    EnrolmentChecks(SqlDatabase db, TableInspector inspector) {
        this.db = db;
        this.inspector = inspector;
    }

    void check(TableDefinition table, @Nullable EnrolledTable known) {
        String failure = "cannot enrol " + table.name() + ": ";
        List<TableDefinition.Column> key = table.primaryKey();
        if (key.isEmpty()) {
            throw new CannotEnrol(failure + "it has no primary key, so its rows have no names that replicas could agree"
                    + " on; add one, or leave the table out");
        }
        for (TableDefinition.Column column : key) {
            if (column.rule().equals(Rule.RANGES)) {
                checkRanges(table, key, failure);
            } else if (!column.rule().equals(Rule.LWW)) {
                throw new CannotEnrol(failure + column.name() + " is part of the primary key and cannot be a "
                        + column.rule() + "; a key never changes");
            }
            if (db.queryLong("SELECT count(*) FROM " + Sql.name(table.name()) + " WHERE " + Sql.name(column.name())
                            + " IS NULL")
                    > 0) {
                throw new CannotEnrol(
                        failure + "some rows have NULL in the key column " + column.name() + "; give them keys first");
            }
        }
        if (!isReadable(table)) {
            throw new CannotEnrol(failure + "a name in it is longer than 4096 bytes, or a default than 8 MiB, which no"
                    + " replica accepts; shorten it");
        }
        checkUniqueKeys(table.name(), failure);
        for (TableDefinition.Column column : table.columns()) {
            checkType(table, column, failure);
        }
        for (TableDefinition.Column column : table.columns()) {
            if (column.keyPosition() == 0 && column.rule().equals(Rule.RANGES)) {
                throw new CannotEnrol(failure + "rule ranges is for an integer primary key, and " + column.name()
                        + " is none; choose rule lww");
            }
        }
        if (known == null) {
            checkRenamed(table, failure);
        } else {
            List<String> keyNames = new ArrayList<>();
            key.forEach(column -> keyNames.add(column.name()));
            if (!keyNames.equals(known.keyNames())) {
                throw new CannotEnrol(failure + "its primary key is (" + String.join(", ", keyNames)
                        + ") and the space has declared (" + String.join(", ", known.keyNames())
                        + "); rename the table, or give it the same key");
            }
        }
    }

    /** Whether two rows are rivals must be decided for rows that no table shows, from their values alone. */
    private void checkUniqueKeys(String table, String failure) {
        try (RowProbe probe = new RowProbe(inspector)) {
            for (TableInspector.UniqueIndex index : inspector.uniqueIndexes(table)) {
                IndexText text = index.text();
                for (int i = 0; i < index.collations().size(); i++) {
                    String collation = index.collations().get(i);
                    if (!IndexedColumns.COLLATIONS.contains(collation.toUpperCase(Locale.ROOT))) {
                        throw new CannotEnrol(
                                failure + "its unique key over " + text.terms().get(i) + " has collation "
                                        + collation + ", which only the application knows; declare it "
                                        + "BINARY, NOCASE or RTRIM, or leave the table out");
                    }
                }
                String flaw = index.isPlain() ? null : probe.flaw(table, text.terms(), text.condition());
                if (flaw != null) {
                    throw new CannotEnrol(failure + "its unique index " + index.name() + " cannot be worked out here,"
                            + " so nobody could tell which rows break it (" + flaw + "); drop the index or leave the"
                            + " table out");
                }
            }
        }
    }

    /** SQLite can be told which number comes next only where it remembers the last. */
    private static void checkRanges(TableDefinition table, List<TableDefinition.Column> key, String failure) {
        if (!table.autoincrement() || key.size() != 1) {
            throw new CannotEnrol(
                    failure + "rule ranges needs a key that is declared INTEGER PRIMARY KEY AUTOINCREMENT, or"
                            + " nobody can tell SQLite which number comes next; declare it so, or leave the rule out");
        }
    }

    /** A column that tells rivals apart has to be one by which they are rivals, and nothing else may hang on it. */
    private void checkRenamed(TableDefinition table, String failure) {
        List<String> renamed = new ArrayList<>();
        for (TableDefinition.Column column : table.columns()) {
            if (column.rule().kind() == Rule.Kind.RENAME) {
                renamed.add(column.name());
            }
        }
        if (renamed.size() > 1) {
            throw new CannotEnrol(
                    failure + "columns " + String.join(" and ", renamed) + " both have rule rename, and one"
                            + " column tells two rows apart; choose rule lww for the others");
        }
        for (String column : renamed) {
            Map<String, String> itself = Map.of(column.toLowerCase(Locale.ROOT), column);
            boolean isUnique = inspector.uniqueIndexes(table.name()).stream()
                    .flatMap(index -> index.text().terms().stream())
                    .anyMatch(term -> !IndexText.columnsOf(term, itself).isEmpty());
            if (!isUnique) {
                throw new CannotEnrol(failure + "rule rename is for a column of a unique key, and " + column
                        + " is in none; make a unique index over it or choose rule lww");
            }
            if (table.foreignKeys().stream().anyMatch(key -> key.columns().contains(column))) {
                throw new CannotEnrol(failure + "column " + column + " refers to another table, so it cannot show what"
                        + " nobody wrote; choose rule lww");
            }
        }
    }

    private static boolean isReadable(TableDefinition table) {
        ByteWriter out = new ByteWriter(512);
        table.write(out);
        try {
            return TableDefinition.read(new ByteReader(out.toByteArray())).equals(table);
        } catch (DecodeException e) {
            return false;
        }
    }

    private static void checkType(TableDefinition table, TableDefinition.Column column, String failure) {
        boolean isBlob = column.type().toUpperCase(Locale.ROOT).contains("BLOB");
        // What holds numbers or texts and nothing else holds no blob either.
        Affinity affinity = isBlob ? Affinity.REAL : Affinity.of(column.type(), table.strict());
        String contradiction = ColumnRule.of(column.rule()).contradiction(affinity);
        if (contradiction != null) {
            throw new CannotEnrol(failure + "rule " + column.rule().label() + " contradicts column " + column.name()
                    + ", which is declared " + column.type() + "; " + contradiction + " or choose rule lww");
        }
        if (column.rule() == Rule.LIST
                && !column.collation().toUpperCase(Locale.ROOT).equals("BINARY")) {
            throw new CannotEnrol(failure + "rule list sorts column " + column.name() + " by its bytes, and it has"
                    + " collation " + column.collation() + "; declare it COLLATE BINARY or choose rule lww");
        }
    }

    /** Checks that the rules can take the values that are there. */
    static void checkValues(TableDefinition table, ExistingRows existing, String failure) {
        List<TableDefinition.Column> columns = new ArrayList<>(table.columns());
        columns.removeIf(column -> column.keyPosition() > 0);
        if (columns.stream().allMatch(column -> column.rule().kind() == Rule.Kind.LWW)) {
            return;
        }
        Map<String, Integer> rejected = new TreeMap<>();
        Map<String, String> reasons = new HashMap<>();
        existing.rewind();
        for (List<ExistingRows.Row> chunk = existing.next(); !chunk.isEmpty(); chunk = existing.next()) {
            for (ExistingRows.Row row : chunk) {
                for (int i = 0; i < columns.size(); i++) {
                    try {
                        Enroller.write(columns.get(i), row.values().get(i), Origin.of(0, 0));
                    } catch (ColumnRule.Rejection e) {
                        rejected.merge(columns.get(i).name(), 1, Integer::sum);
                        reasons.put(columns.get(i).name(), e.reason());
                    }
                }
            }
        }
        rejected.forEach((name, count) -> {
            String rule = table.column(name)
                    .map(TableDefinition.Column::rule)
                    .orElse(Rule.LWW)
                    .label();
            throw new CannotEnrol(failure + "rule " + rule + " contradicts column " + name + ": it cannot take what "
                    + count + " rows hold there (" + reasons.get(name) + "); correct them or choose rule lww");
        });
    }
}
