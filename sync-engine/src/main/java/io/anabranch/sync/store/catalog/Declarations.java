// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.RuleConflict;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who declared what of the space's tables. The first declaration of a table, or of a column's rule, wins everywhere: the lowest
 * rank, then the lowest origin, whatever the order of arrival. Confined to one connection.
 */
public final class Declarations {
    private static final Logger LOG = LoggerFactory.getLogger(Declarations.class);

    /** The names in {@code _ab_meta} of rules that were declared and do not hold: table, column and rule follow. */
    private static final String LOSING = "losing:";

    private final SqlDatabase db;
    private final Catalog catalog;
    private final TableInspector inspector;
    private final ColumnEntries columns;
    private final Meta meta;

    Declarations(SqlDatabase db, Meta meta, Catalog catalog, TableInspector inspector, ColumnEntries columns) {
        this.db = db;
        this.meta = meta;
        this.catalog = catalog;
        this.inspector = inspector;
        this.columns = columns;
    }

    // ---- Taking them

    /** What a declaration has come to. */
    public record Declared(EnrolledTable table, boolean isNew, boolean showsOtherwise) {}

    /**
     * Takes a declaration.
     *
     * @return the table as it now is, and whether rows that are here may have to be shown otherwise
     */
    public Declared declare(TableDefinition definition, long rank, Origin origin) {
        EnrolledTable known = catalog.find(definition.name());
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
                .bind(1, merged.bytes())
                .bind(2, id)
                .run();
        catalog.changed();
        return new Declared(catalog.get(id), known == null, showsOtherwise);
    }

    private long add(TableDefinition definition, long rank, Origin origin) {
        long id = 1 + db.queryLong("SELECT ifnull(max(id), 0) FROM _ab_table");
        db.prepare("INSERT INTO _ab_table(id, name, local, definition, rank, origin) VALUES (?, ?, NULL, ?, ?, ?)")
                .bind(1, id)
                .bind(2, definition.name())
                .bind(3, definition.bytes())
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
            columns.add(table, column.name(), column.rule(), rank, origin, null);
            return true;
        }
        String select = "SELECT rank, origin FROM _ab_column WHERE tbl = ? AND name = ?";
        boolean isEarlier = isEarlier(rank, origin, select, table, column.name());
        if (!column.rule().equals(before.rule()) && !columns.isUndeclared(table, column.name())) {
            LOG.warn(
                    "two declarations of {}.{} disagree, {} and {}: {} holds everywhere. What was written under the other is"
                            + " kept in the log and shown no more",
                    known,
                    column.name(),
                    before.rule().label(),
                    column.rule().label(),
                    (isEarlier ? column.rule() : before.rule()).label());
            noteLosing(
                    table,
                    before,
                    isEarlier ? before.rule() : column.rule(),
                    isEarlier ? columns.declarer(table, before.id()) : origin);
        }
        if (isEarlier) {
            columns.setRule(table, column.name(), column.rule(), rank, origin);
        }
        return isEarlier;
    }

    /**
     * Makes all that is known of tables and columns what was declared, whatever somebody made of it here.
     *
     * @return the tables that were otherwise
     * @throws SyncException.BadFile if nothing says any more which tables of the application these are
     */
    public Set<String> restore(SortedMap<String, DeclaredTable> declared, String file) {
        Set<String> altered = new CatalogRestorer(db, inspector, file, declared).restore();
        catalog.changed();
        return altered;
    }

    /** Returns how what is known of a table differs from what was declared; null if it does not. */
    public @Nullable String difference(EnrolledTable table, DeclaredTable declared) {
        if (!declarer("SELECT rank, origin FROM _ab_table WHERE id = ?", table.id(), null)
                .equals(declared.by())) {
            return "it was first declared by another, or at another time, than _ab_table says";
        }
        return declared.isIn(table.definition())
                ? null
                : "its definition in _ab_table is not the one that was declared";
    }

    /** Returns how what is known of a column differs from what was declared; null if it does not. */
    public @Nullable String difference(EnrolledTable table, String column, DeclaredTable.Column declared) {
        EnrolledTable.Column known = table.column(column);
        if (known == null) {
            return "it was declared, and _ab_column lacks it";
        }
        if (!known.rule().equals(declared.rule())) {
            return "its rule is " + declared.rule().label() + ", and _ab_column says "
                    + known.rule().label();
        }
        return declarer("SELECT rank, origin FROM _ab_column WHERE tbl = ? AND name = ?", table.id(), column)
                        .equals(declared.by())
                ? null
                : "it was first declared by another, or at another time, than _ab_column says";
    }

    /** Makes room for cells of a column that was never declared: they are kept, and shown nowhere. */
    public EnrolledTable withColumn(EnrolledTable table, String column, Origin origin) {
        columns.addUndeclared(table.id(), column, origin, null);
        catalog.changed();
        return catalog.get(table.id());
    }

    // ---- Those that do not hold

    private void noteLosing(long table, EnrolledTable.Column column, Rule rule, Origin origin) {
        meta.put(LOSING + table + ":" + column.id() + ":" + rule.spec(), origin.bytes());
    }

    /** Returns the columns for which another rule was declared apart, as far as this file came to see it. */
    public List<RuleConflict> conflicts() {
        List<RuleConflict> conflicts = new ArrayList<>();
        SqlStatement query = db.prepare(
                "SELECT name, value FROM _ab_meta WHERE name >= 'losing:' AND name < 'losing;' ORDER BY name");
        while (query.step()) {
            String[] name = String.valueOf(query.getText(0)).split(":", 4);
            byte[] origin = query.getBlob(1);
            long id = Long.parseLong(name[1]);
            for (EnrolledTable table : catalog.all()) {
                for (EnrolledTable.Column column : table.columns()) {
                    if (table.id() == id && column.id() == Integer.parseInt(name[2]) && origin != null) {
                        addConflict(table, column, Rule.ofSpec(name[3]), Origin.of(origin), conflicts);
                    }
                }
            }
        }
        return conflicts;
    }

    private void addConflict(
            EnrolledTable table, EnrolledTable.Column column, Rule losing, Origin by, List<RuleConflict> conflicts) {
        if (!column.rule().equals(losing)) { // Else the same was declared earlier by another.
            conflicts.add(new RuleConflict(
                    table.label(),
                    column.label(),
                    column.rule().label(),
                    columns.declarer(table.id(), column.id()),
                    losing.label(),
                    by));
        }
    }

    // ---- Telling them

    /** Returns all declarations that hold: of each table, then of its columns that were declared later or by others. */
    public List<Snapshot.Declared> all() {
        List<EnrolledTable> tables = new ArrayList<>(catalog.all());
        tables.sort(Comparator.comparing(EnrolledTable::name));
        List<Snapshot.Declared> declarations = new ArrayList<>();
        tables.forEach(table -> addDeclarations(table, declarations));
        return declarations;
    }

    private void addDeclarations(EnrolledTable table, List<Snapshot.Declared> declarations) {
        TableDefinition definition = table.definition();
        DeclaredTable.Declarer of = declarer("SELECT rank, origin FROM _ab_table WHERE id = ?", table.id(), null);
        List<TableDefinition.Column> first = new ArrayList<>();
        List<Snapshot.Declared> later = new ArrayList<>();
        for (TableDefinition.Column column : definition.columns()) {
            DeclaredTable.Declarer by = column.keyPosition() > 0
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
                later.add(new Snapshot.Declared(definition.withOnly(alone), by.rank(), by.origin()));
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
                of.rank(),
                of.origin()));
        declarations.addAll(later);
    }

    private DeclaredTable.Declarer declarer(String select, long table, @Nullable String column) {
        SqlStatement query = db.prepare(select).bind(1, table);
        if (column != null) {
            query.bind(2, column);
        }
        try {
            byte[] origin = query.step() ? query.getBlob(1) : null;
            if (origin == null) {
                throw new AssertionError("nobody declared " + table + "." + column);
            }
            return new DeclaredTable.Declarer(query.getLong(0), Origin.of(origin));
        } finally {
            query.reset();
        }
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

    // ---- Columns of which the space has not been told

    /** Gives rules to columns of which the space has not been told yet. */
    public void chooseRules(EnrolledTable table, Map<String, Rule> rules) {
        rules.forEach((column, rule) -> {
            if (columns.isUndeclared(table.id(), column)) {
                columns.setRule(table.id(), column, rule, Catalog.UNDECLARED, Origin.of(0, 0));
            }
        });
        catalog.changed();
    }

    /** Returns the definitions of columns here of which the space has not been told, one per table. */
    public List<TableDefinition> undeclared() {
        List<TableDefinition> definitions = new ArrayList<>();
        for (long id : catalog.loaded().undeclared()) {
            definitions.add(undeclared(catalog.get(id)));
        }
        return definitions;
    }

    private TableDefinition undeclared(EnrolledTable table) {
        TableDefinition here = inspector
                .inspect(table.requireLocal(), Map.of(), table.onDelete())
                .definition();
        List<TableDefinition.Column> alone = new ArrayList<>(table.definition().primaryKey());
        for (EnrolledTable.Column column : table.shown()) {
            if (columns.isUndeclared(table.id(), column.name())) {
                here.column(column.localName())
                        .ifPresent(declared -> alone.add(declared.called(column.name(), column.rule())));
            }
        }
        return table.definition().withOnly(alone);
    }
}
