// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.enrol;

import io.anabranch.crdt.Life;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.apply.Applier;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.catalog.LocalTables;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.TableInspector;
import io.anabranch.sync.store.seal.Rescan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what the application did to its schema, through whatever program: columns added, renamed and dropped, tables
 * renamed and made anew. Nothing of that changes another replica's table.
 *
 * <p>The order is what keeps it right. What was captured is sealed first, with the columns as they were. Then what this file
 * holds in new columns is sealed, but only in cells that nobody else has written. Then what others have written is shown.
 */
public final class SchemaFollower {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaFollower.class);

    private final SqlDatabase db;
    private final Catalog catalog;
    private final TableInspector inspector;
    private final RowStore rows;
    private final Supplier<Applier> appliers;

    public SchemaFollower(
            SqlDatabase db, Catalog catalog, TableInspector inspector, RowStore rows, Supplier<Applier> appliers) {
        this.db = db;
        this.catalog = catalog;
        this.inspector = inspector;
        this.rows = rows;
        this.appliers = appliers;
    }

    /**
     * Costs nothing if the schema is as it was. In the caller's write transaction, after {@link Catalog#refresh}.
     *
     * @param seal seals what is captured
     */
    public void follow(Runnable seal, long nowMillis) {
        catalog.local().noteRenamed();
        follow(catalog.local().unfit(), fitted -> {}, seal, nowMillis);
        catalog.local().setFit();
    }

    /**
     * Follows what became of one table.
     *
     * @param local what the application calls it
     * @param fitted what to do with it before its new columns are declared
     */
    public void follow(String local, Consumer<EnrolledTable> fitted, Runnable seal, long nowMillis) {
        catalog.local().noteRenamed();
        noteMissed(nowMillis); // Of other tables too: all that is captured is sealed.
        List<EnrolledTable> unfit = new ArrayList<>(catalog.local().unfit());
        unfit.removeIf(table -> !local.equalsIgnoreCase(table.localName()));
        follow(unfit, fitted, seal, nowMillis);
    }

    /**
     * Notes what triggers that do not fit their tables any more have missed and what is captured hangs together with. Before that is
     * sealed; costs nothing if the schema is as it was.
     */
    public void noteMissed(long nowMillis) {
        noteMissed(catalog.local().unfit(), new Rescan(db, inspector, rows, nowMillis, () -> {}));
    }

    private void noteMissed(List<EnrolledTable> unfit, Rescan rescan) {
        for (EnrolledTable table : unfit) {
            if (!catalog.local().isIntact(table)) {
                rescan.noteBesideCaptured(table);
                if (catalog.local().capturesDeletes(table)) {
                    rescan.noteReplaced(table);
                }
            }
        }
    }

    private void follow(List<EnrolledTable> unfit, Consumer<EnrolledTable> fitted, Runnable seal, long nowMillis) {
        if (unfit.isEmpty()) {
            return;
        }
        Rescan rescan = new Rescan(db, inspector, rows, nowMillis, seal);
        noteMissed(unfit, rescan);
        seal.run();
        for (EnrolledTable before : unfit) {
            LocalTables.Fit fit = catalog.local().fit(before);
            fitted.accept(fit.table());
            EnrolledTable table = catalog.get(before.id());
            if (!fit.wasIntact()) {
                LOG.info("table {} had lost its triggers: they are back, and its rows are looked through", table);
                rescan.sealChanged(table, fit.added(), keys -> appliers.get().show(table, keys));
            }
            if (!fit.added().isEmpty()) {
                LOG.info("table {} has new columns: {}", table, fit.added());
                rescan.sealFound(table, fit.added());
                showKnown(table, fit.added());
            }
        }
        seal.run();
    }

    /** Shows what others have written to columns that this file's table has only now. */
    private void showKnown(EnrolledTable table, Set<String> added) {
        List<Key> known = new ArrayList<>();
        boolean all = !hasDefaults(table, added);
        for (Key key : rows.keys(table)) {
            if (all || isWritten(table, key, added)) {
                known.add(key);
            }
        }
        if (!known.isEmpty()) {
            appliers.get().show(table, known);
        }
    }

    /** Returns whether the application's table gives new columns the defaults that the space has declared. */
    private boolean hasDefaults(EnrolledTable table, Set<String> added) {
        TableDefinition here = inspector
                .inspect(String.valueOf(table.localName()), Map.of(), table.onDelete())
                .definition();
        for (EnrolledTable.Column column : table.shown()) {
            if (added.contains(column.name())
                    && !here.column(column.localName())
                            .map(TableDefinition.Column::defaultValue)
                            .orElse(Value.NULL)
                            .equals(column.defaultValue())) {
                return false;
            }
        }
        return true;
    }

    private boolean isWritten(EnrolledTable table, Key key, Set<String> columns) {
        for (Life<String, Value> life : rows.load(table, key, null).lives()) {
            for (String column : columns) {
                if (life.isWritten(column)) {
                    return true;
                }
            }
        }
        return false;
    }
}
