// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of the space and their rules. The first declaration of a table or of a column's rule wins everywhere: the
 * lowest rank, then the lowest origin, whatever the order of arrival. Confined to one connection.
 */
final class Catalog {
    /** The rank of a column that nobody has declared: any declaration is earlier. */
    static final long UNDECLARED = Long.MAX_VALUE;

    /** What {@code _ab_table.made} says of a table that was enrolled here and is no more. */
    private static final int DROPPED = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

    private final SqlDatabase db;
    private final Meta meta;
    private final TableInspector inspector;

    private final Map<Long, EnrolledTable> byId = new TreeMap<>();
    private final Map<String, EnrolledTable> byName = new HashMap<>();
    private Map<Long, TableConstraints> constraints = Map.of();
    private final CheckProbe checks;
    private boolean hasApplicationTriggers;
    /** Tables with columns here of which the space has not been told. */
    private final Set<Long> undeclared = new TreeSet<>();

    /** Tables that were made from the space and are not the application's yet. */
    private final Set<Long> made = new TreeSet<>();

    private boolean mayBeUnfit;
    private long loadedGeneration = -1;
    private long loadedSchema = -1;

    Catalog(SqlDatabase db, Meta meta, TableInspector inspector) {
        this.db = db;
        this.meta = meta;
        this.inspector = inspector;
        this.checks = new CheckProbe(inspector);
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
        undeclared.clear();
        made.clear();
        SqlStatement query = db.prepare("SELECT id, local, definition, local_key, made FROM _ab_table ORDER BY id");
        List<Row> rows = new ArrayList<>();
        while (query.step()) {
            byte[] definition = query.getBlob(2);
            if (definition == null) {
                throw new AssertionError("a table without a definition");
            }
            if (query.getLong(4) == 1) {
                made.add(query.getLong(0));
            }
            rows.add(new Row(
                    query.getLong(0),
                    query.getText(1),
                    query.getBlob(3),
                    TableDefinition.read(new ByteReader(definition))));
        }
        for (Row row : rows) {
            EnrolledTable table = load(row);
            byId.put(table.id(), table);
            byName.put(table.name(), table);
        }
        checks.close();
        constraints = new ConstraintReader(inspector, byId.values()).read();
        mayBeUnfit = true;
        hasApplicationTriggers = new ApplicationTriggers(db).exist();
    }

    private EnrolledTable load(Row row) {
        Map<String, String> mapped = CaptureTriggers.columnsOf(db, row.id);
        List<String> localKey = localKey(row, mapped);
        String local = localTable(row, localKey);
        Map<String, Affinity> localColumns = local == null ? Map.of() : inspector.affinities(local);
        List<EnrolledTable.Column> columns = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT id, name, rule, local, rank FROM _ab_column WHERE tbl = ? ORDER BY id")
                .bind(1, row.id);
        boolean isUndeclared = false;
        while (query.step()) {
            int id = (int) query.getLong(0);
            String name = query.getText(1);
            if (name == null) {
                throw new AssertionError("a column without a name");
            }
            String here = mapped.getOrDefault("c" + id, query.getText(3));
            here = here == null || !localColumns.containsKey(here) ? null : here;
            TableDefinition.Column declared = row.definition.column(name).orElse(null);
            columns.add(new EnrolledTable.Column(
                    id,
                    name,
                    Rule.ofSpec(String.valueOf(query.getText(2))),
                    here,
                    here == null ? Affinity.NONE : localColumns.getOrDefault(here, Affinity.NONE),
                    declared == null ? Value.NULL : declared.defaultValue()));
            isUndeclared |= here != null && query.getLong(4) == UNDECLARED;
        }
        if (isUndeclared) {
            undeclared.add(row.id);
        }
        boolean hasConflictClause = local != null && inspector.hasConflictClause(local);
        return new EnrolledTable(row.id, row.definition, local, localKey, hasConflictClause, columns);
    }

    /** Returns what the columns of the key are called here: as SQLite says, else as it said last, else as on the wire. */
    private static List<String> localKey(Row row, Map<String, String> mapped) {
        List<String> names = new ArrayList<>();
        List<String> last = row.localKey == null ? List.of() : Names.read(row.localKey);
        for (String name : keyNames(row.definition)) {
            int i = names.size();
            names.add(mapped.getOrDefault("k" + i, i < last.size() ? last.get(i) : name));
        }
        return names;
    }

    private @Nullable String localTable(Row row, List<String> localKey) {
        if (row.local == null) {
            return null;
        }
        String triggered = CaptureTriggers.tableOf(db, row.id);
        String local = inspector.find(triggered == null ? row.local : triggered);
        if (local == null) {
            LOG.warn(
                    "table {} of the space is gone from this file, where it was called {}: its rows are kept and not shown",
                    row.definition.name(),
                    row.local);
            return null;
        }
        List<String> key = inspector.keyNames(local);
        if (!key.equals(localKey)) {
            LOG.warn(
                    "table {} was given another primary key, {} instead of {}: what is written to it stays here, until it"
                            + " has its old key again or is dropped from the space and enrolled under another name",
                    local,
                    key,
                    localKey);
            return null;
        }
        return local;
    }

    private static List<String> keyNames(TableDefinition definition) {
        List<String> names = new ArrayList<>();
        definition.primaryKey().forEach(column -> names.add(column.name()));
        return names;
    }

    private record Row(long id, @Nullable String local, byte @Nullable [] localKey, TableDefinition definition) {}

    // ---- Reading

    @Nullable
    EnrolledTable find(String name) {
        return byName.get(name);
    }

    /** Returns the table that people here call {@code label}, whatever the case of its letters; null if there is none. */
    @Nullable
    EnrolledTable named(String label) {
        for (EnrolledTable table : byId.values()) {
            if (table.label().equalsIgnoreCase(label)) {
                return table;
            }
        }
        return null;
    }

    EnrolledTable get(long id) {
        EnrolledTable table = byId.get(id);
        if (table == null) {
            throw new AssertionError("no table " + id + " in the catalog");
        }
        return table;
    }

    /** Returns the table of the space that the application's table {@code local} is; null if it is none. */
    @Nullable
    EnrolledTable findLocal(String local) {
        for (EnrolledTable table : byId.values()) {
            if (local.equalsIgnoreCase(table.localName())) {
                return table;
            }
        }
        return null;
    }

    Collection<EnrolledTable> all() {
        return byId.values();
    }

    /** Returns what the application's table demands of its rows together. */
    TableConstraints constraints(EnrolledTable table) {
        return constraints.getOrDefault(table.id(), TableConstraints.NONE);
    }

    /** Returns the references by which rows hide without their parents; with a change of these, children show otherwise. */
    Set<HidingReference> hidingReferences() {
        Set<HidingReference> hiding = new HashSet<>();
        constraints
                .values()
                .forEach(each -> each.parents().stream()
                        .filter(ForeignReference::hides)
                        .forEach(reference -> hiding.add(new HidingReference(
                                reference.child().table().id(),
                                reference.child().names(),
                                reference.parent().table().id()))));
        return hiding;
    }

    record HidingReference(long child, String columns, long parent) {
        /** Returns the tables whose references are in one of two sets alone. */
        static Set<Long> childrenThatDiffer(Set<HidingReference> some, Set<HidingReference> others) {
            Set<Long> children = new TreeSet<>();
            some.stream().filter(each -> !others.contains(each)).forEach(each -> children.add(each.child));
            others.stream().filter(each -> !some.contains(each)).forEach(each -> children.add(each.child));
            return children;
        }
    }

    /** Returns what tells whether rows pass the checks of their tables. Its copies are made when it is first asked. */
    CheckProbe checks() {
        return checks;
    }

    /** Returns whether a table here checks its rows, which the merge of two legal writes may fail. */
    boolean hasChecks() {
        return constraints.values().stream().anyMatch(TableConstraints::hasCheck);
    }

    /** Returns whether the file has triggers of the application, which fire when the engine writes. */
    boolean hasApplicationTriggers() {
        return hasApplicationTriggers;
    }

    // ---- Declaring

    /**
     * Takes a declaration.
     *
     * @return the table as it now is, and whether rows that are here may have to be shown otherwise
     */
    Declared declare(TableDefinition definition, long rank, Origin origin) {
        EnrolledTable known = byName.get(definition.name());
        long id = known == null ? add(definition, rank, origin) : known.id();
        TableDefinition merged = definition;
        if (known != null) {
            boolean isFirst = isEarlier(rank, origin, "SELECT rank, origin FROM _ab_table WHERE id = ?", id, null);
            merged = isFirst ? definition.orElse(known.definition()) : known.definition();
            if (isFirst) {
                db.prepare("UPDATE _ab_table SET rank = ?, origin = ? WHERE id = ?")
                        .bind(1, rank)
                        .bind(2, origin.bytes())
                        .bind(3, id)
                        .run();
            }
        }
        boolean showsOtherwise = false;
        for (TableDefinition.Column column : definition.columns()) {
            if (column.keyPosition() == 0) {
                EnrolledTable.Column before = known == null ? null : known.column(column.name());
                boolean isFirst = declareColumn(id, known, before, column, rank, origin);
                TableDefinition.Column first = known == null || isFirst
                        ? column
                        : known.definition().column(column.name()).orElse(column);
                merged = merged.with(first);
                showsOtherwise |= isFirst
                        && before != null
                        && (!before.rule().equals(column.rule())
                                || !before.defaultValue().equals(column.defaultValue()));
            }
        }
        db.prepare("UPDATE _ab_table SET definition = ? WHERE id = ?")
                .bind(1, bytes(merged))
                .bind(2, id)
                .run();
        changed();
        return new Declared(get(id), known == null, showsOtherwise);
    }

    private long add(TableDefinition definition, long rank, Origin origin) {
        long id = 1 + db.queryLong("SELECT ifnull(max(id), 0) FROM _ab_table");
        db.prepare("INSERT INTO _ab_table(id, name, local, definition, rank, origin) VALUES (?, ?, NULL, ?, ?, ?)")
                .bind(1, id)
                .bind(2, definition.name())
                .bind(3, bytes(definition))
                .bind(4, rank)
                .bind(5, origin.bytes())
                .run();
        return id;
    }

    /** Returns whether this is the first declaration of the column, as far as is known here. */
    private boolean declareColumn(
            long table,
            @Nullable EnrolledTable known,
            EnrolledTable.@Nullable Column before,
            TableDefinition.Column column,
            long rank,
            Origin origin) {
        if (before == null) {
            addColumn(table, column.name(), column.rule(), rank, origin, null);
            return true;
        }
        String select = "SELECT rank, origin FROM _ab_column WHERE tbl = ? AND name = ?";
        boolean isEarlier = isEarlier(rank, origin, select, table, column.name());
        if (!column.rule().equals(before.rule()) && !isUndeclared(table, column.name())) {
            LOG.warn(
                    "two declarations of {}.{} disagree, {} and {}: {} holds everywhere. What was written under the other is"
                            + " kept in the log and shown no more",
                    known,
                    column.name(),
                    before.rule().label(),
                    column.rule().label(),
                    (isEarlier ? column.rule() : before.rule()).label());
        }
        if (isEarlier) {
            setRule(table, column.name(), column.rule(), rank, origin);
        }
        return isEarlier;
    }

    private boolean isUndeclared(long table, String column) {
        SqlStatement query = db.prepare("SELECT rank FROM _ab_column WHERE tbl = ? AND name = ?")
                .bind(1, table)
                .bind(2, column);
        try {
            return query.step() && query.getLong(0) == UNDECLARED;
        } finally {
            query.reset();
        }
    }

    private void setRule(long table, String column, Rule rule, long rank, Origin origin) {
        db.prepare("UPDATE _ab_column SET rule = ?, rank = ?, origin = ? WHERE tbl = ? AND name = ?")
                .bind(1, rule.spec())
                .bind(2, rank)
                .bind(3, origin.bytes())
                .bind(4, table)
                .bind(5, column)
                .run();
    }

    private void addColumn(long table, String name, Rule rule, long rank, Origin origin, @Nullable String local) {
        SqlStatement insert = db.prepare("INSERT INTO _ab_column(tbl, id, name, rule, rank, origin, local)"
                + " SELECT ?, ifnull(max(id) + 1, 0), ?, ?, ?, ?, ? FROM _ab_column WHERE tbl = ?");
        insert.bind(1, table)
                .bind(2, name)
                .bind(3, rule.spec())
                .bind(4, rank)
                .bind(5, origin.bytes())
                .bind(7, table);
        (local == null ? insert.bindNull(6) : insert.bind(6, local)).run();
    }

    /** Makes room for cells of a column that was never declared: they are kept, and shown nowhere. */
    EnrolledTable withColumn(EnrolledTable table, String column, Origin origin) {
        addColumn(table.id(), column, Rule.LWW, UNDECLARED, origin, null);
        changed();
        return get(table.id());
    }

    private void changed() {
        meta.put("generation", meta.getLong("generation") + 1);
        refresh();
    }

    /** Returns all declarations that hold: of each table, then of its columns that were declared later or by others. */
    List<Snapshot.Declared> declarations() {
        List<EnrolledTable> tables = new ArrayList<>(byId.values());
        tables.sort(Comparator.comparing(EnrolledTable::name));
        List<Snapshot.Declared> declarations = new ArrayList<>();
        tables.forEach(table -> addDeclarations(table, declarations));
        return declarations;
    }

    private void addDeclarations(EnrolledTable table, List<Snapshot.Declared> declarations) {
        TableDefinition definition = table.definition();
        Declarer of = declarer("SELECT rank, origin FROM _ab_table WHERE id = ?", table.id(), null);
        List<TableDefinition.Column> first = new ArrayList<>();
        List<Snapshot.Declared> later = new ArrayList<>();
        for (TableDefinition.Column column : definition.columns()) {
            Declarer by = column.keyPosition() > 0
                    ? of
                    : declarer(
                            "SELECT rank, origin FROM _ab_column WHERE tbl = ? AND name = ?",
                            table.id(),
                            column.name());
            if (by.equals(of)) {
                first.add(column);
            } else {
                List<TableDefinition.Column> alone = definition.primaryKey();
                alone.add(column);
                later.add(new Snapshot.Declared(definition.withOnly(alone), by.rank, by.origin));
            }
        }
        declarations.add(new Snapshot.Declared(
                new TableDefinition(
                        definition.name(),
                        definition.withoutRowid(),
                        definition.strict(),
                        definition.autoincrement(),
                        definition.onDelete(),
                        first,
                        definition.indexes(),
                        definition.foreignKeys()),
                of.rank,
                of.origin));
        declarations.addAll(later);
    }

    private Declarer declarer(String select, long table, @Nullable String column) {
        SqlStatement query = db.prepare(select).bind(1, table);
        if (column != null) {
            query.bind(2, column);
        }
        try {
            byte[] origin = query.step() ? query.getBlob(1) : null;
            if (origin == null) {
                throw new AssertionError("nobody declared " + table + "." + column);
            }
            return new Declarer(query.getLong(0), Origin.of(origin));
        } finally {
            query.reset();
        }
    }

    /** Who declared something, and when. */
    private record Declarer(long rank, Origin origin) {}

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
        db.prepare("UPDATE _ab_table SET local = ?, local_key = NULL, made = 0 WHERE id = ?")
                .bind(1, localName)
                .bind(2, table.id())
                .run();
        db.prepare("UPDATE _ab_column SET local = NULL WHERE tbl = ?")
                .bind(1, table.id())
                .run();
        changed();
        fit(get(table.id()));
        return get(table.id());
    }

    /** Returns whether this file had the table enrolled once: then its rows are the space's, for the most part. */
    boolean wasDropped(EnrolledTable table) {
        return db.queryLong("SELECT made FROM _ab_table WHERE id = " + table.id()) == DROPPED;
    }

    /** Lets go of the application's table: the space keeps the table, and this file the plain one. */
    void detach(EnrolledTable table) {
        CaptureTriggers.drop(db, table.id());
        db.prepare("UPDATE _ab_table SET local = NULL, local_key = NULL, made = " + DROPPED + " WHERE id = ?")
                .bind(1, table.id())
                .run();
        db.prepare("UPDATE _ab_column SET local = NULL WHERE tbl = ?")
                .bind(1, table.id())
                .run();
        db.prepare("DELETE FROM _ab_hidden WHERE tbl = ?").bind(1, table.id()).run();
        changed();
    }

    // ---- Following the application's schema

    /** Returns the tables that are here and whose triggers or column names are not as they should be. */
    List<EnrolledTable> unfit() {
        List<EnrolledTable> unfit = new ArrayList<>();
        if (mayBeUnfit) {
            for (EnrolledTable table : byId.values()) {
                if (table.isLocal()
                        && !(triggers(table).areInstalled(db)
                                && newColumns(table).isEmpty())) {
                    unfit.add(table);
                }
            }
        }
        return unfit;
    }

    /** Returns the tables here that write past the engine, each with the reason. */
    Map<EnrolledTable, String> damagedTriggers() {
        Map<EnrolledTable, String> damaged = new LinkedHashMap<>();
        for (EnrolledTable table : byId.values()) {
            if (table.isLocal() && !triggers(table).areInstalled(db)) {
                damaged.put(
                        table,
                        "its triggers are gone or altered: what is written to it is not captured until a program"
                                + " opens the file to write");
            }
        }
        return damaged;
    }

    /** Says that there is nothing to follow until the next change. */
    void setFit() {
        mayBeUnfit = false;
    }

    /** Makes a table of the space take the columns that the application's table has, and sees to its triggers. */
    Fit fit(EnrolledTable table) {
        boolean isIntact = triggers(table).areInstalled(db);
        forgetDropped(table);
        Set<String> added = new TreeSet<>();
        for (String local : newColumns(table)) {
            added.add(adopt(table, local));
        }
        for (EnrolledTable.Column column : table.shown()) {
            setLocal(table, column.name(), column.localName());
        }
        db.prepare("UPDATE _ab_table SET local = ?, local_key = ?, definition = ? WHERE id = ?")
                .bind(1, local(table))
                .bind(2, Names.bytes(table.localKeyNames()))
                .bind(3, bytes(withDefaults(table, added)))
                .bind(4, table.id())
                .run();
        changed();
        EnrolledTable fitted = get(table.id());
        SideTables.widenPending(db, fitted.keyNames().size(), fitted.maskColumns());
        triggers(fitted).install(db);
        refresh();
        return new Fit(get(table.id()), added, isIntact);
    }

    private static String local(EnrolledTable table) {
        if (table.localName() == null) {
            throw new AssertionError("table " + table + " is not in this file");
        }
        return table.localName();
    }

    /** Until the space declares a new column, it has the default that it has here. */
    private TableDefinition withDefaults(EnrolledTable table, Set<String> added) {
        TableDefinition definition = table.definition();
        if (!added.isEmpty()) {
            TableDefinition here =
                    inspector.inspect(local(table), Map.of(), table.onDelete()).definition();
            Map<String, String> names = localNames(table.id());
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

    private Map<String, String> localNames(long table) {
        Map<String, String> names = new HashMap<>();
        SqlStatement query = db.prepare("SELECT name, local FROM _ab_column WHERE tbl = ? AND local IS NOT NULL")
                .bind(1, table);
        while (query.step()) {
            names.put(String.valueOf(query.getText(0)), String.valueOf(query.getText(1)));
        }
        return names;
    }

    /** Notes what a table and its columns are called here, of those that the space knows. */
    void noteNames(EnrolledTable table) {
        table.shown().forEach(column -> setLocal(table, column.name(), column.localName()));
        db.prepare("UPDATE _ab_table SET local = ?, local_key = ? WHERE id = ?")
                .bind(1, local(table))
                .bind(2, Names.bytes(table.localKeyNames()))
                .bind(3, table.id())
                .run();
        changed();
    }

    /** Makes the triggers of a table for the columns of the space that it has. */
    void putTriggersBack(EnrolledTable table) {
        if (table.isLocal()) {
            forgetDropped(table);
            triggers(table).install(db);
            changed();
        }
    }

    /** A column that is dropped and added again is a new one, which shows what others wrote to it. */
    private void forgetDropped(EnrolledTable table) {
        for (EnrolledTable.Column column : table.columns()) {
            if (!column.isLocal()) {
                db.prepare("UPDATE _ab_column SET local = NULL WHERE tbl = ? AND id = ?")
                        .bind(1, table.id())
                        .bind(2, column.id())
                        .run();
            }
        }
    }

    private CaptureTriggers triggers(EnrolledTable table) {
        String local = table.localName();
        return new CaptureTriggers(
                table,
                local != null && inspector.keyMayBeNull(local),
                constraints(table).uniques());
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
            addColumn(table.id(), name, Rule.LWW, UNDECLARED, Origin.of(0, 0), local);
        } else {
            setLocal(table, name, local);
        }
        return name;
    }

    /** A name on the wire belongs to one column for ever, also to one that is called otherwise here by now. */
    private static boolean isTaken(EnrolledTable table, String name) {
        EnrolledTable.Column column = table.column(name);
        return column != null && column.isLocal() || table.keyNames().contains(name);
    }

    private void setLocal(EnrolledTable table, String column, String local) {
        db.prepare("UPDATE _ab_column SET local = ? WHERE tbl = ? AND name = ?")
                .bind(1, local)
                .bind(2, table.id())
                .bind(3, column)
                .run();
    }

    /**
     * What became of a table that was made to fit.
     *
     * @param added the columns, by their names on the wire, that it had not shown before
     * @param wasIntact whether its triggers had captured all that was written meanwhile
     */
    record Fit(EnrolledTable table, Set<String> added, boolean wasIntact) {}

    /** Gives rules to columns of which the space has not been told yet. */
    void chooseRules(EnrolledTable table, Map<String, Rule> rules) {
        rules.forEach((column, rule) -> {
            if (isUndeclared(table.id(), column)) {
                setRule(table.id(), column, rule, UNDECLARED, Origin.of(0, 0));
            }
        });
        changed();
    }

    /** Returns the definitions of columns here of which the space has not been told, one per table. */
    List<TableDefinition> undeclared() {
        List<TableDefinition> definitions = new ArrayList<>();
        for (long id : undeclared) {
            definitions.add(undeclared(get(id)));
        }
        return definitions;
    }

    private TableDefinition undeclared(EnrolledTable table) {
        TableDefinition here =
                inspector.inspect(local(table), Map.of(), table.onDelete()).definition();
        List<TableDefinition.Column> columns =
                new ArrayList<>(table.definition().primaryKey());
        for (EnrolledTable.Column column : table.shown()) {
            if (isUndeclared(table.id(), column.name())) {
                here.column(column.localName())
                        .ifPresent(declared -> columns.add(declared.called(column.name(), column.rule())));
            }
        }
        return table.definition().withOnly(columns);
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

    /** Adds a column of the space to the application's table. */
    void addColumn(EnrolledTable table, TableDefinition.Column column) {
        db.execute(Ddl.addColumn(
                String.valueOf(table.localName()), column, table.definition().strict()));
        refresh();
        fit(get(table.id()));
    }

    /** Returns whether the file is still getting this table, which it did not have, from the space. */
    boolean isMadeHere(EnrolledTable table) {
        return table.isLocal() && made.contains(table.id());
    }

    void setMadeHere(EnrolledTable table) {
        db.execute("UPDATE _ab_table SET made = 1 WHERE id = " + table.id());
        changed();
    }

    /** Says that tables made from the space are the application's from now on: no more columns are added to them. */
    void handOver() {
        if (!made.isEmpty()) {
            db.execute("UPDATE _ab_table SET made = 0 WHERE made = 1");
            changed();
        }
    }

    boolean isHandedOver() {
        return made.isEmpty();
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

    record Declared(EnrolledTable table, boolean isNew, boolean showsOtherwise) {}
}
