// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.enrol;

import io.anabranch.sync.sql.Lent;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.CaptureTriggers;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A connection through which an application may drop columns of enrolled tables. SQLite refuses that while a trigger names the
 * column, so the table's triggers go before the statement and come back after it, in the same transaction. Everything else
 * passes as it is.
 */
public final class DroppedColumns implements SqlDatabase {
    private static final Pattern DROP = Pattern.compile(
            "\\s*ALTER\\s+TABLE\\s+(?:main\\s*\\.\\s*)?(\"(?:[^\"]|\"\")+\"|`[^`]+`|\\[[^]]+]|[^\\s\"`\\[.]+)\\s+DROP\\b.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private final SqlDatabase db;
    private final Catalog catalog;
    private @Nullable EnrolledTable open;

    public DroppedColumns(SqlDatabase db, Catalog catalog) {
        this.db = db;
        this.catalog = catalog;
    }

    @Override
    public SqlStatement prepare(String sql) {
        makeWay(sql);
        return db.prepare(sql);
    }

    @Override
    public void execute(String sql) {
        makeWay(sql);
        db.execute(sql);
    }

    @Override
    public void resetAll() {
        db.resetAll();
    }

    @Override
    public <T> Lent<T> lend(Class<T> type) {
        restore();
        return db.lend(type);
    }

    @Override
    public void close() {
        db.close();
    }

    private void makeWay(String sql) {
        restore();
        Matcher drop = DROP.matcher(sql);
        if (drop.matches()) {
            catalog.refresh();
            EnrolledTable table = catalog.findLocal(unquoted(drop.group(1)));
            if (table != null) {
                catalog.local().noteRenamed(); // Before the triggers that know the names go.
                catalog.local().noteNames(table);
                CaptureTriggers.drop(db, table.id());
                open = table;
            }
        }
    }

    /** Puts triggers back. Before anything else is written. */
    public void restore() {
        EnrolledTable table = open;
        if (table != null) {
            open = null;
            catalog.refresh();
            catalog.local().putTriggersBack(catalog.get(table.id()));
        }
    }

    private static String unquoted(String name) {
        char first = name.charAt(0);
        if (first == '"') {
            return name.substring(1, name.length() - 1).replace("\"\"", "\"");
        }
        return first == '`' || first == '[' ? name.substring(1, name.length() - 1) : name;
    }
}
