// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.sync.HiddenRow;
import io.anabranch.sync.RenamedRow;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import io.anabranch.sync.store.schema.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells people of hidden rows: what they hold, why they are hidden, and what would show them. Confined to one connection. */
public final class HiddenReport {
    private final Catalog catalog;
    private final RowStore rows;
    private final HiddenRows hidden;

    public HiddenReport(Catalog catalog, RowStore rows, HiddenRows hidden) {
        this.catalog = catalog;
        this.rows = rows;
        this.hidden = hidden;
    }

    /** Returns all hidden rows, in order of table and key. */
    public List<HiddenRow> all() {
        List<HiddenRow> all = new ArrayList<>();
        for (RowId id : hidden.all()) {
            EnrolledTable table = catalog.get(id.table());
            HiddenRows.Reason reason = hidden.find(table, id.key());
            if (reason != null) {
                HiddenRow.Awaited awaited = awaited(reason);
                all.add(new HiddenRow(
                        table.label(),
                        id.key().values(),
                        values(table, id.key()),
                        reason.kind(),
                        reason.reason(),
                        awaited,
                        remedy(reason, awaited)));
            }
        }
        return all;
    }

    /** Returns all rows that show another value than was written, in order of table and key. */
    public List<RenamedRow> renamed() {
        List<RenamedRow> all = new ArrayList<>();
        for (RowId id : hidden.allRenamed()) {
            EnrolledTable table = catalog.get(id.table());
            HiddenRows.Reason reason = hidden.findRenamed(table, id.key());
            EnrolledTable.Column column = catalog.constraints(table).renamed();
            Value[] image = rows.image(table, id.key());
            Value[] wanted = rows.project(table, id.key(), rows.load(table, id.key(), image));
            byte[] by = reason == null ? null : reason.byKey();
            if (column != null && image != null && wanted != null && reason != null && by != null) {
                int at = table.shown().indexOf(column);
                all.add(new RenamedRow(
                        table.label(),
                        id.key().values(),
                        column.label(),
                        wanted[at],
                        image[at],
                        reason.reason(),
                        Key.of(by).values()));
            }
        }
        return all;
    }

    private Map<String, Value> values(EnrolledTable table, Key key) {
        Map<String, Value> values = new LinkedHashMap<>();
        Value[] image = rows.project(table, key, rows.load(table, key, null));
        for (int i = 0; image != null && i < image.length; i++) {
            values.put(table.shown().get(i).label(), image[i]);
        }
        return values;
    }

    private HiddenRow.@Nullable Awaited awaited(HiddenRows.Reason reason) {
        byte[] by = reason.byKey();
        if (by == null) {
            return null;
        }
        EnrolledTable table = catalog.get(reason.byTable());
        Token token = Token.read(table.id(), by);
        List<String> names =
                token == null ? table.keyNames() : List.of(token.columns().split(", "));
        List<Value> values = (token == null ? Key.of(by) : token.values()).values();
        Map<String, Value> columns = new LinkedHashMap<>();
        for (int i = 0; i < names.size() && i < values.size(); i++) {
            columns.put(label(table, names.get(i).replaceFirst(" COLLATE (NOCASE|RTRIM)$", "")), values.get(i));
        }
        return new HiddenRow.Awaited(table.label(), columns);
    }

    private static String label(EnrolledTable table, String column) {
        EnrolledTable.Column known = table.column(column);
        int key = table.keyNames().indexOf(column);
        if (key >= 0 && table.isLocal()) {
            return table.localKeyNames().get(key);
        }
        return known == null ? column : known.label();
    }

    private static String remedy(HiddenRows.Reason reason, HiddenRow.@Nullable Awaited awaited) {
        if (awaited == null) {
            return "insert the row's key again with values that the table takes";
        }
        String row = awaited.columns().entrySet().stream()
                .map(column -> column.getKey() + " = " + column.getValue())
                .collect(Collectors.joining(" and "));
        return reason.kind().equals(HiddenRows.Reason.UNIQUE)
                ? "delete the row of " + awaited.table() + " with " + row
                        + ", or give one of the two another value: this" + " one by inserting its key again"
                : "insert a row into " + awaited.table() + " with " + row
                        + ", or insert this row's key again with another" + " parent";
    }
}
