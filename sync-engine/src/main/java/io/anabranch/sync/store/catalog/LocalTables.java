// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.CaptureTriggers;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the application's tables the tables of the space are, as the application's schema changes: names, columns and
 * triggers. Confined to one connection.
 */
public final class LocalTables {
    private static final Logger LOG = LoggerFactory.getLogger(LocalTables.class);
    /** What {@code _ab_table.made} says of a table that was enrolled here and is no more. */
    private static final int DROPPED = 2;

    private final SqlDatabase db;
    private final Catalog catalog;
    private final TableInspector inspector;
    private final ColumnEntries columns;
    private boolean mayBeUnfit;

    LocalTables(SqlDatabase db, Catalog catalog, TableInspector inspector, ColumnEntries columns) {
        this.db = db;
        this.catalog = catalog;
        this.inspector = inspector;
        this.columns = columns;
    }

    /** Binds a table of the space to the application's table, whose changes are captured from now on. */
    public EnrolledTable attach(EnrolledTable table, String localName) {
        db.prepare("UPDATE _ab_table SET local = ?, local_key = NULL, made = 0 WHERE id = ?")
                .bind(1, localName)
                .bind(2, table.id())
                .run();
        columns.clearLocals(table.id());
        catalog.changed();
        fit(catalog.get(table.id()));
        return catalog.get(table.id());
    }

    /** Returns whether this file had the table enrolled once: then its rows are the space's, for the most part. */
    public boolean wasDropped(EnrolledTable table) {
        return db.queryLong("SELECT made FROM _ab_table WHERE id = " + table.id()) == DROPPED;
    }

    /** Returns the tables that this file has enrolled and shows no more, each with what it was called last, by which they are found. */
    public Map<String, EnrolledTable> lost() {
        Map<String, EnrolledTable> lost = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        SqlStatement query = db.prepare("SELECT id, local FROM _ab_table WHERE local IS NOT NULL ORDER BY id");
        while (query.step()) {
            EnrolledTable table = catalog.get(query.getLong(0));
            String local = query.getText(1);
            if (local != null && !table.isLocal()) {
                lost.put(local, table);
            }
        }
        return lost;
    }

    /** Lets go of the application's table: the space keeps the table, and this file the plain one. */
    public void detach(EnrolledTable table) {
        CaptureTriggers.drop(db, table.id());
        db.prepare("UPDATE _ab_table SET local = NULL, local_key = NULL, made = " + DROPPED + " WHERE id = ?")
                .bind(1, table.id())
                .run();
        columns.clearLocals(table.id());
        db.prepare("DELETE FROM _ab_hidden WHERE tbl = ?").bind(1, table.id()).run();
        db.prepare("DELETE FROM _ab_renamed WHERE tbl = ?").bind(1, table.id()).run();
        db.prepare("DELETE FROM _ab_unshown WHERE tbl = ?").bind(1, table.id()).run();
        catalog.changed();
    }

    // ---- Following the application's schema

    /** Returns the tables that are here and whose triggers or column names are not as they should be. */
    public List<EnrolledTable> unfit() {
        List<EnrolledTable> unfit = new ArrayList<>();
        if (mayBeUnfit) {
            for (EnrolledTable table : catalog.all()) {
                if (table.isLocal() && !(isIntact(table) && newColumns(table).isEmpty())) {
                    unfit.add(table);
                }
            }
        }
        return unfit;
    }

    /** Returns whether all that is written to a table is captured. */
    public boolean isIntact(EnrolledTable table) {
        return triggers(table).areInstalled(inspector.schema());
    }

    /** Returns whether each {@code DELETE} from a table is captured, whatever else is not. */
    public boolean capturesDeletes(EnrolledTable table) {
        return triggers(table).capturesDeletes(inspector.schema());
    }

    /** Returns the tables here that write past the engine, each with the reason. */
    public Map<EnrolledTable, String> damagedTriggers() {
        Map<EnrolledTable, String> damaged = new LinkedHashMap<>();
        for (EnrolledTable table : catalog.all()) {
            if (table.isLocal() && !isIntact(table)) {
                damaged.put(
                        table,
                        "its triggers are gone or altered: what is written to it is not captured until a program"
                                + " opens the file to write");
            }
        }
        return damaged;
    }

    /** Says that something about the tables may have changed. */
    void loaded() {
        mayBeUnfit = true;
    }

    /** Says that there is nothing to follow until the next change. */
    public void setFit() {
        mayBeUnfit = false;
    }

    /** Makes a table of the space take the columns that the application's table has, and sees to its triggers. */
    public Fit fit(EnrolledTable table) {
        boolean isIntact = isIntact(table);
        forgetDropped(table);
        Set<String> added = new TreeSet<>();
        for (String local : newColumns(table)) {
            added.add(adopt(table, local));
        }
        for (EnrolledTable.Column column : table.shown()) {
            columns.setLocal(table.id(), column.name(), column.localName());
        }
        db.prepare("UPDATE _ab_table SET local = ?, local_key = ?, definition = ? WHERE id = ?")
                .bind(1, table.requireLocal())
                .bind(2, Names.bytes(table.localKeyNames()))
                .bind(3, withDefaults(table, added).bytes())
                .bind(4, table.id())
                .run();
        catalog.changed();
        EnrolledTable fitted = catalog.get(table.id());
        SideTables.widenPending(db, fitted.keyNames().size(), fitted.maskColumns());
        triggers(fitted).install(db);
        catalog.refresh();
        return new Fit(catalog.get(table.id()), added, isIntact);
    }

    /** Until the space declares a new column, it has the default that it has here. */
    private TableDefinition withDefaults(EnrolledTable table, Set<String> added) {
        TableDefinition definition = table.definition();
        if (!added.isEmpty()) {
            TableDefinition here = inspector
                    .inspect(table.requireLocal(), Map.of(), table.onDelete())
                    .definition();
            Map<String, String> names = columns.locals(table.id());
            for (String name : added) {
                TableDefinition.Column column =
                        here.column(names.getOrDefault(name, name)).orElse(null);
                if (column != null && !definition.column(name).isPresent()) {
                    definition = definition.with(column.called(name, Rule.LWW));
                }
            }
        }
        return definition;
    }

    /** Notes what SQLite's triggers say of tables and columns that were renamed: they go when a table is made anew. */
    public void noteRenamed() {
        if (!mayBeUnfit) {
            return;
        }
        List<EnrolledTable> renamed = new ArrayList<>();
        for (EnrolledTable table : catalog.all()) {
            if (table.isLocal() && isRenamed(table)) {
                renamed.add(table);
            }
        }
        for (EnrolledTable table : renamed) { // One may have the name that another had.
            db.execute("UPDATE _ab_table SET local = NULL WHERE id = " + table.id());
        }
        for (EnrolledTable table : renamed) {
            letGoOf(table.requireLocal());
            noteNames(table);
        }
    }

    /** A table that the application dropped can show nothing any more once its name is that of another. */
    private void letGoOf(String local) {
        SqlStatement query = db.prepare("SELECT id FROM _ab_table WHERE local = ? COLLATE NOCASE")
                .bind(1, local);
        while (query.step()) {
            EnrolledTable gone = catalog.get(query.getLong(0));
            LOG.warn("table {} of the space is gone from this file, and {} is another now", gone, local);
            detach(gone);
        }
    }

    private boolean isRenamed(EnrolledTable table) {
        SqlStatement query = db.prepare("SELECT local, local_key FROM _ab_table WHERE id = ?")
                .bind(1, table.id());
        try {
            if (query.step()
                    && !(table.requireLocal().equals(query.getText(0))
                            && Arrays.equals(Names.bytes(table.localKeyNames()), query.getBlob(1)))) {
                return true;
            }
        } finally {
            query.reset();
        }
        Map<String, String> noted = columns.locals(table.id());
        return table.shown().stream().anyMatch(column -> !column.localName().equals(noted.get(column.name())));
    }

    /** Notes what a table and its columns are called here, of those that the space knows. */
    public void noteNames(EnrolledTable table) {
        table.shown().forEach(column -> columns.setLocal(table.id(), column.name(), column.localName()));
        db.prepare("UPDATE _ab_table SET local = ?, local_key = ? WHERE id = ?")
                .bind(1, table.requireLocal())
                .bind(2, Names.bytes(table.localKeyNames()))
                .bind(3, table.id())
                .run();
        catalog.changed();
    }

    /** Makes the triggers of a table for the columns of the space that it has. */
    public void putTriggersBack(EnrolledTable table) {
        if (table.isLocal()) {
            forgetDropped(table);
            triggers(table).install(db);
            catalog.changed();
        }
    }

    /** A column that is dropped and added again is a new one, which shows what others wrote to it. */
    private void forgetDropped(EnrolledTable table) {
        for (EnrolledTable.Column column : table.columns()) {
            if (!column.isLocal()) {
                columns.clearLocal(table.id(), column.id());
            }
        }
    }

    private CaptureTriggers triggers(EnrolledTable table) {
        String local = table.localName();
        return new CaptureTriggers(
                table,
                local == null || inspector.keyIsRowid(local),
                local != null && inspector.keyMayBeNull(local),
                catalog.constraints(table).uniques());
    }

    /** Returns the columns of the application's table that are no column of the space yet, in its order. */
    private List<String> newColumns(EnrolledTable table) {
        String local = table.localName();
        List<String> names = local == null ? new ArrayList<>() : inspector.columnNames(local);
        names.removeAll(table.localKeyNames());
        table.shown().forEach(column -> names.remove(column.localName()));
        return names;
    }

    /** Returns the name on the wire of the column that the application's table calls {@code local}, giving it one if it is new. */
    private String adopt(EnrolledTable table, String local) {
        String name = local;
        for (int n = 2; isTaken(table, name); n++) {
            name = local + "#" + n;
        }
        if (table.column(name) == null) {
            columns.addUndeclared(table.id(), name, Origin.of(0, 0), local);
        } else {
            columns.setLocal(table.id(), name, local);
        }
        return name;
    }

    /** A name on the wire belongs to one column for ever, also to one that is called otherwise here by now. */
    private static boolean isTaken(EnrolledTable table, String name) {
        EnrolledTable.Column column = table.column(name);
        return column != null && column.isLocal() || table.keyNames().contains(name);
    }

    /**
     * What became of a table that was made to fit.
     *
     * @param added the columns, by their names on the wire, that it had not shown before
     * @param wasIntact whether its triggers had captured all that was written meanwhile
     */
    public record Fit(EnrolledTable table, Set<String> added, boolean wasIntact) {}
}
