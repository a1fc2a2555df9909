// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import java.util.ArrayList;
import java.util.List;

/**
 * The triggers that note which rows and columns changed. Pure SQL without user functions, so that any SQLite client can
 * write while Anabranch is not running. Each does one plain append; values are read later, at the seal.
 */
final class CaptureTriggers {
    /** Milliseconds since 1970, by SQLite's clock. */
    private static final String NOW = "CAST((julianday('now') - 2440587.5) * 86400000.0 + 0.5 AS INTEGER)";

    private static final String MODE = "(SELECT mode FROM _ab_mode)";
    private static final String CAPTURING = "WHEN " + MODE + " < " + SideTables.MODE_SILENT;
    private static final long ALL = (1L << EnrolledTable.Column.MASK_BITS) - 1;

    private final EnrolledTable table;
    private final boolean keyMayBeNull;
    private final String on;

    /** @param keyMayBeNull whether SQLite itself lets NULL into the key */
    CaptureTriggers(EnrolledTable table, boolean keyMayBeNull) {
        this.table = table;
        this.keyMayBeNull = keyMayBeNull;
        this.on = " ON " + Sql.name(table.localName() == null ? table.name() : table.localName()) + " ";
    }

    void install(SqlDatabase db) {
        drop(db);
        db.execute("CREATE TRIGGER " + name("ins") + " AFTER INSERT" + on + CAPTURING + " BEGIN "
                + append("NEW", allColumns()) + "; END");
        db.execute("CREATE TRIGGER " + name("del") + " AFTER DELETE" + on + CAPTURING + " BEGIN "
                + append("OLD", allColumns()) + "; END");
        db.execute("CREATE TRIGGER " + name("upd") + " AFTER UPDATE" + on + CAPTURING + " AND NOT (" + keyChanged()
                + ") BEGIN " + append("NEW", changedColumns()) + "; END");
        db.execute("CREATE TRIGGER " + name("key") + " AFTER UPDATE" + on + CAPTURING + " AND (" + keyChanged()
                + ") BEGIN " + append("OLD", allColumns()) + "; " + append("NEW", allColumns()) + "; END");
        if (keyMayBeNull) {
            refuseNullKeys(db, "nin", "BEFORE INSERT");
            refuseNullKeys(db, "nup", "BEFORE UPDATE");
        }
    }

    void drop(SqlDatabase db) {
        for (String kind : List.of("ins", "del", "upd", "key", "nin", "nup")) {
            db.execute("DROP TRIGGER IF EXISTS " + name(kind));
        }
    }

    private void refuseNullKeys(SqlDatabase db, String kind, String when) {
        List<String> terms = new ArrayList<>();
        for (String key : table.keyNames()) {
            terms.add("NEW." + Sql.name(key) + " IS NULL");
        }
        String message = "anabranch: NULL in the primary key of " + table.name() + "; a replicated row needs a key";
        db.execute("CREATE TRIGGER " + name(kind) + " " + when + on + "WHEN " + String.join(" OR ", terms)
                + " BEGIN SELECT RAISE(ABORT, " + Sql.literal(message) + "); END");
    }

    private String name(String kind) {
        return Sql.name("_ab_" + kind + "_" + table.id());
    }

    private String append(String row, List<String> masks) {
        StringBuilder columns = new StringBuilder("tbl, scratch, at");
        StringBuilder values = new StringBuilder()
                .append(table.id())
                .append(", ")
                .append(MODE)
                .append(", ")
                .append(NOW);
        for (int i = 0; i < table.keyNames().size(); i++) {
            columns.append(", k").append(i);
            values.append(", ")
                    .append(row)
                    .append('.')
                    .append(Sql.name(table.keyNames().get(i)));
        }
        for (int i = 0; i < masks.size(); i++) {
            columns.append(", m").append(i);
            values.append(", ").append(masks.get(i));
        }
        return "INSERT INTO _ab_pending(" + columns + ") VALUES (" + values + ")";
    }

    private List<String> allColumns() {
        List<String> masks = new ArrayList<>();
        for (int i = 0; i < table.maskColumns(); i++) {
            masks.add(Long.toString(ALL));
        }
        return masks;
    }

    /** One sum of bits per 62 columns, so that no expression grows deeper than SQLite allows. */
    private List<String> changedColumns() {
        List<StringBuilder> sums = new ArrayList<>();
        for (int i = 0; i < table.maskColumns(); i++) {
            sums.add(new StringBuilder("0"));
        }
        for (EnrolledTable.Column column : table.shown()) {
            sums.get(column.maskIndex())
                    .append(" + (")
                    .append(differs(column.name()))
                    .append(") * ")
                    .append(column.maskBit());
        }
        List<String> masks = new ArrayList<>();
        sums.forEach(sum -> masks.add(sum.toString()));
        return masks;
    }

    private String keyChanged() {
        List<String> terms = new ArrayList<>();
        for (String key : table.keyNames()) {
            terms.add(differs(key));
        }
        return String.join(" OR ", terms);
    }

    /** 'abc' to 'ABC' under NOCASE and 1 to 1.0 are changes too. */
    private static String differs(String column) {
        String quoted = Sql.name(column);
        return "OLD." + quoted + " COLLATE BINARY IS NOT NEW." + quoted + " OR typeof(OLD." + quoted
                + ") IS NOT typeof(NEW." + quoted + ")";
    }
}
