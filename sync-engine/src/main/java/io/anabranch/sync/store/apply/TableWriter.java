// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.capture.ApplicationTriggers;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.IndexedColumns;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.Token;
import io.anabranch.sync.store.schema.UniqueKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes final images of rows to the application's tables in an order that no unique key stands against: what goes first, then
 * what changes, then what comes. Where two rows swap a key, one gives it up meanwhile. Rows that stay keep their rowids.
 * Confined to one connection.
 */
final class TableWriter {
    private final SqlDatabase db;
    private final Catalog catalog;
    private final RowStore rows;
    private final RowWriter writer;
    private final ApplicationTriggers triggers;
    private final Set<String> unruly;

    /** @param unruly tables whose triggers must not fire, by name on the wire */
    TableWriter(SqlDatabase db, Catalog catalog, RowStore rows, Set<String> unruly) {
        this.db = db;
        this.catalog = catalog;
        this.rows = rows;
        this.writer = new RowWriter(db, rows);
        this.triggers = new ApplicationTriggers(db);
        this.unruly = unruly;
    }

    /**
     * Makes the tables show what each row is to show.
     *
     * @return whether SQLite, or a trigger, refused a row; it shows nothing then, and {@link Projection#refusal} says why
     */
    boolean writeAll(Collection<Projection> all) {
        Map<EnrolledTable, List<Projection>> byTable = new LinkedHashMap<>();
        all.forEach(row ->
                byTable.computeIfAbsent(row.table, table -> new ArrayList<>()).add(row));
        boolean[] refused = new boolean[1];
        byTable.forEach((table, ofTable) -> among(
                table,
                () -> ofTable.stream().filter(row -> row.shown() == null).forEach(row -> refused[0] |= !write(row))));
        byTable.forEach((table, ofTable) -> among(table, () -> refused[0] |= writeShown(table, ofTable)));
        return refused[0];
    }

    private void among(EnrolledTable table, Runnable work) {
        if (unruly.contains(table.name())) {
            triggers.silenced(table, work);
        } else {
            work.run();
        }
    }

    private boolean writeShown(EnrolledTable table, List<Projection> ofTable) {
        if (!catalog.constraints(table).uniques().isEmpty()) {
            park(table, ofTable);
        }
        boolean refused = false;
        for (Projection row : ofTable) {
            if (row.shown() != null && row.now != null) {
                refused |= !write(row);
            }
        }
        for (Projection row : ofTable) {
            if (row.shown() != null && row.now == null) {
                refused |= !write(row);
            }
        }
        return refused;
    }

    /** Makes a table without triggers of the application show rows that it does not show. */
    void insertAll(EnrolledTable table, List<Projection> all) {
        int from = 0;
        for (; all.size() - from >= EnrolledTable.FEW; from += EnrolledTable.FEW) {
            List<Projection> few = all.subList(from, from + EnrolledTable.FEW);
            List<Key> keys = new ArrayList<>();
            List<Value[]> images = new ArrayList<>();
            for (Projection row : few) {
                Value[] image = row.shown();
                if (image != null) {
                    keys.add(row.key);
                    images.add(image);
                }
            }
            if (rows.insertFew(table, keys, images)) {
                few.forEach(row -> row.now = row.shown());
            } else {
                few.forEach(this::write);
            }
        }
        all.subList(from, all.size()).forEach(this::write);
    }

    /** Makes the table show a row. Returns false if it was refused. */
    boolean write(Projection row) {
        Value[] wanted = row.shown();
        Value[] now = catalog.hasApplicationTriggers() ? rows.image(row.table, row.key) : row.now;
        RowStore.Refusal refusal = writer.write(row.table, row.key, now, wanted);
        row.now = refusal == null ? wanted : null;
        if (refusal == null || wanted == null) {
            return true;
        }
        if (wanted == row.renamed) {
            row.renamed = null; // Its own name may do once the older row is gone.
        } else {
            row.refusal = new HiddenRows.Reason(refusal.kind(), refusal.reason(), 0, null, false);
        }
        return false;
    }

    // ---- Rows that swap a unique key

    /** Has each row that holds what another is to hold let go of it. */
    private void park(EnrolledTable table, List<Projection> ofTable) {
        Set<Token> wanted = new HashSet<>();
        for (Projection row : ofTable) {
            if (row.shown() != null && !Arrays.equals(row.now, row.shown())) {
                Set<Token> claims = new HashSet<>(row.claims(row.shown()));
                claims.removeAll(row.claims(row.now));
                wanted.addAll(claims);
            }
        }
        for (Projection row : ofTable) {
            if (row.shown() != null && row.now != null && !wanted.isEmpty()) {
                for (UniqueKey unique : row.constraints.uniques()) {
                    List<Value> held = row.now == null ? null : unique.values(row.key, row.now);
                    if (held != null && wanted.contains(unique.token(held))) {
                        triggers.silenced(table, () -> park(row, unique));
                    }
                }
            }
        }
    }

    private void park(Projection row, UniqueKey unique) {
        EnrolledTable.Column column = unique.firstOutsideKey();
        Value[] now = rows.image(row.table, row.key);
        if (now == null || column == null && unique instanceof IndexedColumns) {
            return; // The columns of a key never change, so nobody swaps them.
        }
        if (column == null) {
            rows.write(row.table, row.key, now, null); // It comes back with the rows that are new.
            row.now = null;
            return;
        }
        Value[] parked = now.clone();
        for (Value placeholder : Placeholders.of(row.key)) {
            parked[row.table.shown().indexOf(column)] = placeholder;
            if (rows.write(row.table, row.key, now, parked) == null) {
                row.now = parked;
                return;
            }
        }
        throw new AssertionError(
                "no value for " + Sql.name(column.name()) + " of " + row.table + " while rows swap it");
    }
}
