// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of the space and their rules. The first declaration of a table or of a column's rule wins everywhere: the
 * lowest rank, then the lowest origin, whatever the order of arrival. Confined to one connection.
 */
final class Catalog {
    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

    private final SqlDatabase db;
    private final Meta meta;
    private final TableInspector inspector;

    private final Map<Long, EnrolledTable> byId = new TreeMap<>();
    private final Map<String, EnrolledTable> byName = new HashMap<>();
    private boolean hasApplicationTriggers;
    private boolean mayNeedRefit;
    private long loadedGeneration = -1;
    private long loadedSchema = -1;

    Catalog(SqlDatabase db, Meta meta, TableInspector inspector) {
        this.db = db;
        this.meta = meta;
        this.inspector = inspector;
    }

    /** Reads the tables again if anything about them may have changed. At the start of each transaction. */
    void refresh() {
        long generation = meta.getLong("generation");
        long schema = db.queryLong("PRAGMA schema_version");
        if (generation != loadedGeneration || schema != loadedSchema) {
            reload();
            loadedGeneration = generation;
            loadedSchema = schema;
        }
    }

    /** Makes the next {@link #refresh} read everything: after a rollback, what was loaded may never have been. */
    void forget() {
        loadedGeneration = -1;
    }

    private void reload() {
        byId.clear();
        byName.clear();
        SqlStatement query = db.prepare("SELECT id, local, definition FROM _ab_table ORDER BY id");
        List<Row> rows = new ArrayList<>();
        while (query.step()) {
            byte[] definition = query.getBlob(2);
            if (definition == null) {
                throw new AssertionError("a table without a definition");
            }
            rows.add(new Row(query.getLong(0), query.getText(1), TableDefinition.read(new ByteReader(definition))));
        }
        for (Row row : rows) {
            EnrolledTable table = load(row);
            byId.put(table.id(), table);
            byName.put(table.name(), table);
        }
        mayNeedRefit = true;
        hasApplicationTriggers = new ApplicationTriggers(db).exist();
    }

    private EnrolledTable load(Row row) {
        String local = localTable(row);
        Map<String, Affinity> localColumns = local == null ? Map.of() : inspector.affinities(local);
        List<EnrolledTable.Column> columns = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT id, name, rule FROM _ab_column WHERE tbl = ? ORDER BY id")
                .bind(1, row.id);
        while (query.step()) {
            String name = query.getText(1);
            if (name == null) {
                throw new AssertionError("a column without a name");
            }
            TableDefinition.Column declared = row.definition.column(name).orElse(null);
            columns.add(new EnrolledTable.Column(
                    (int) query.getLong(0),
                    name,
                    query.getLong(2) == Rule.COUNTER.code() ? Rule.COUNTER : Rule.LWW,
                    localColumns.containsKey(name) && !keyNames(row.definition).contains(name),
                    localColumns.getOrDefault(name, Affinity.NONE),
                    declared == null ? Value.NULL : declared.defaultValue()));
        }
        EnrolledTable table = new EnrolledTable(row.id, row.definition, local, columns);
        for (String name : localColumns.keySet()) {
            if (table.column(name) == null && !table.keyNames().contains(name)) {
                LOG.warn(
                        "column {}.{} was added after the table was enrolled: what is written to it stays here",
                        table,
                        name);
            }
        }
        return table;
    }

    private @Nullable String localTable(Row row) {
        if (row.local == null) {
            return null;
        }
        String triggered = CaptureTriggers.tableOf(db, row.id);
        String local = inspector.find(triggered == null ? row.local : triggered);
        List<String> key = keyNames(row.definition);
        if (local != null && !inspector.keyNames(local).equals(key)) {
            LOG.warn("table {} has another primary key here than in the space, {}: it is kept apart", local, key);
            return null;
        }
        return local;
    }

    private static List<String> keyNames(TableDefinition definition) {
        List<String> names = new ArrayList<>();
        definition.primaryKey().forEach(column -> names.add(column.name()));
        return names;
    }

    private record Row(long id, @Nullable String local, TableDefinition definition) {}

    // ---- Reading

    @Nullable
    EnrolledTable find(String name) {
        return byName.get(name);
    }

    EnrolledTable get(long id) {
        EnrolledTable table = byId.get(id);
        if (table == null) {
            throw new AssertionError("no table " + id + " in the catalog");
        }
        return table;
    }

    Collection<EnrolledTable> all() {
        return byId.values();
    }

    /** Returns whether the file has triggers of the application, which fire when the engine writes. */
    boolean hasApplicationTriggers() {
        return hasApplicationTriggers;
    }

    // ---- Declaring

    /**
     * Takes a declaration.
     *
     * @return the table as it now is, and whether rules of columns with state may have changed
     */
    Declared declare(TableDefinition definition, long rank, Origin origin) {
        EnrolledTable known = byName.get(definition.name());
        long id;
        boolean rulesChanged = false;
        if (known == null) {
            id = 1 + db.queryLong("SELECT ifnull(max(id), 0) FROM _ab_table");
            db.prepare("INSERT INTO _ab_table(id, name, local, definition, rank, origin) VALUES (?, ?, NULL, ?, ?, ?)")
                    .bind(1, id)
                    .bind(2, definition.name())
                    .bind(3, bytes(definition))
                    .bind(4, rank)
                    .bind(5, origin.bytes())
                    .run();
        } else {
            id = known.id();
            if (isEarlier(rank, origin, "SELECT rank, origin FROM _ab_table WHERE id = ?", id, null)) {
                db.prepare("UPDATE _ab_table SET definition = ?, rank = ?, origin = ? WHERE id = ?")
                        .bind(1, bytes(definition))
                        .bind(2, rank)
                        .bind(3, origin.bytes())
                        .bind(4, id)
                        .run();
            }
        }
        for (TableDefinition.Column column : definition.columns()) {
            if (column.keyPosition() == 0) {
                rulesChanged |= declareColumn(id, known, column, rank, origin);
            }
        }
        meta.put("generation", meta.getLong("generation") + 1);
        refresh();
        refit();
        return new Declared(get(id), known == null, rulesChanged);
    }

    private boolean declareColumn(
            long table, @Nullable EnrolledTable known, TableDefinition.Column column, long rank, Origin origin) {
        EnrolledTable.Column before = known == null ? null : known.column(column.name());
        if (before == null) {
            addColumn(table, column.name(), column.rule(), rank, origin);
            return false;
        }
        String select = "SELECT rank, origin FROM _ab_column WHERE tbl = ? AND name = ?";
        boolean isEarlier = isEarlier(rank, origin, select, table, column.name());
        if (column.rule() != before.rule()) {
            LOG.warn(
                    "two declarations of {}.{} disagree, {} and {}: {} holds everywhere. What was written under the other is"
                            + " kept in the log and shown no more",
                    known,
                    column.name(),
                    before.rule().label(),
                    column.rule().label(),
                    (isEarlier ? column.rule() : before.rule()).label());
        }
        if (!isEarlier) {
            return false;
        }
        db.prepare("UPDATE _ab_column SET rule = ?, rank = ?, origin = ? WHERE tbl = ? AND name = ?")
                .bind(1, column.rule().code())
                .bind(2, rank)
                .bind(3, origin.bytes())
                .bind(4, table)
                .bind(5, column.name())
                .run();
        return before.rule() != column.rule();
    }

    private void addColumn(long table, String name, Rule rule, long rank, Origin origin) {
        db.prepare("INSERT INTO _ab_column(tbl, id, name, rule, rank, origin)"
                        + " SELECT ?, ifnull(max(id) + 1, 0), ?, ?, ?, ? FROM _ab_column WHERE tbl = ?")
                .bind(1, table)
                .bind(2, name)
                .bind(3, rule.code())
                .bind(4, rank)
                .bind(5, origin.bytes())
                .bind(6, table)
                .run();
    }

    /** Makes room for cells of a column that was never declared: they are kept, and shown nowhere. */
    EnrolledTable withColumn(EnrolledTable table, String column, Origin origin) {
        addColumn(table.id(), column, Rule.LWW, Long.MAX_VALUE, origin);
        meta.put("generation", meta.getLong("generation") + 1);
        refresh();
        refit();
        return get(table.id());
    }

    private boolean isEarlier(long rank, Origin origin, String select, long table, @Nullable String column) {
        SqlStatement query = db.prepare(select).bind(1, table);
        if (column != null) {
            query.bind(2, column);
        }
        try {
            byte[] knownOrigin = query.step() ? query.getBlob(1) : null;
            if (knownOrigin == null) {
                return true;
            }
            long knownRank = query.getLong(0);
            return rank < knownRank || rank == knownRank && origin.compareTo(Origin.of(knownOrigin)) < 0;
        } finally {
            query.reset();
        }
    }

    private static byte[] bytes(TableDefinition definition) {
        ByteWriter out = new ByteWriter(512);
        definition.write(out);
        return out.toByteArray();
    }

    /** Binds a table of the space to the application's table, whose changes are captured from now on. */
    EnrolledTable attach(EnrolledTable table, String localName) {
        db.prepare("UPDATE _ab_table SET local = ? WHERE id = ?")
                .bind(1, localName)
                .bind(2, table.id())
                .run();
        meta.put("generation", meta.getLong("generation") + 1);
        refresh();
        refit();
        return get(table.id());
    }

    /**
     * Sees to it that every table that is here has the triggers it needs: its columns may have changed, or the application may
     * have made it anew. In a write transaction, after {@link #refresh}.
     */
    void refit() {
        if (!mayNeedRefit) {
            return;
        }
        mayNeedRefit = false;
        boolean changed = false;
        for (EnrolledTable table : byId.values()) {
            if (table.localName() != null) {
                CaptureTriggers triggers = new CaptureTriggers(table, inspector.keyMayBeNull(table.localName()));
                if (!triggers.areInstalled(db)) {
                    SideTables.widenPending(db, table.keyNames().size(), table.maskColumns());
                    triggers.install(db);
                    changed = true;
                }
            }
        }
        if (changed) {
            refresh();
            mayNeedRefit = false;
        }
    }

    /** Creates the application's table and its indexes from the space's definition. */
    void create(TableDefinition definition) {
        db.execute(Ddl.createTable(definition));
        for (TableDefinition.Index index : definition.indexes()) {
            if (!index.name().isEmpty() && !exists(index.name())) {
                db.execute(Ddl.createIndex(definition, index));
            }
        }
    }

    boolean exists(String name) {
        SqlStatement query = db.prepare("SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE")
                .bind(1, name);
        try {
            return query.step();
        } finally {
            query.reset();
        }
    }

    record Declared(EnrolledTable table, boolean isNew, boolean rulesChanged) {}
}
