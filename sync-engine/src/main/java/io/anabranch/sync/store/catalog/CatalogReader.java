// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.CaptureTriggers;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the tables of the space out of the file, each with the table of the application that it is here. Confined to one connection. */
final class CatalogReader {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogReader.class);

    private final SqlDatabase db;
    private final TableInspector inspector;
    private final List<EnrolledTable> tables = new ArrayList<>();
    private final Set<Long> undeclared = new TreeSet<>();
    private final Set<Long> made = new TreeSet<>();
    /** The application's tables that have capture triggers, in small letters: each is the table that its triggers say. */
    private final Set<String> triggeredTables = new HashSet<>();
    /** What tables of the space are called here, or were called last, in small letters. */
    private final Set<String> names = new HashSet<>();

    private CatalogReader(SqlDatabase db, TableInspector inspector) {
        this.db = db;
        this.inspector = inspector;
    }

    /**
     * What was read.
     *
     * @param undeclared tables with columns here of which the space has not been told
     * @param made tables that were made from the space and are not the application's yet
     */
    record Loaded(List<EnrolledTable> tables, Set<Long> undeclared, Set<Long> made) {
        static final Loaded NOTHING = new Loaded(List.of(), Set.of(), Set.of());
    }

    /** Reads all tables, in order of their numbers. */
    static Loaded read(SqlDatabase db, TableInspector inspector) {
        CatalogReader reader = new CatalogReader(db, inspector);
        Map<Long, List<Entry>> entries = reader.entries();
        List<Row> rows = reader.rows();
        rows.forEach(reader::noteNames);
        for (Row row : rows) {
            reader.tables.add(reader.load(row, entries.getOrDefault(row.id, List.of())));
        }
        return new Loaded(reader.tables, reader.undeclared, reader.made);
    }

    private List<Row> rows() {
        SqlStatement query = db.prepare("SELECT id, local, definition, local_key, made FROM _ab_table ORDER BY id");
        List<Row> rows = new ArrayList<>();
        while (query.step()) {
            TableDefinition definition = CatalogDamage.definition(query.getBlob(2));
            if (definition == null || CatalogDamage.names(query.getBlob(3)) == null) {
                throw altered();
            }
            if (query.getLong(4) == 1) {
                made.add(query.getLong(0));
            }
            rows.add(new Row(query.getLong(0), query.getText(1), query.getBlob(3), definition));
        }
        return rows;
    }

    /** Somebody altered what is there while the replica was open: whoever opens it finds that, and mends it. */
    private SyncException.BadFile altered() {
        return new SyncException.BadFile(
                CatalogDamage.find(db) + "; open the replica anew, which makes that again from the log", null);
    }

    private void noteNames(Row row) {
        if (row.local != null) {
            names.add(row.local.toLowerCase(Locale.ROOT));
        }
        String triggered = CaptureTriggers.tableOf(inspector.schema(), row.id);
        if (triggered != null) {
            triggeredTables.add(triggered.toLowerCase(Locale.ROOT));
            names.add(triggered.toLowerCase(Locale.ROOT));
        }
    }

    private Map<Long, List<Entry>> entries() {
        Map<Long, List<Entry>> entries = new HashMap<>();
        SqlStatement query = db.prepare("SELECT tbl, id, name, rule, local, rank FROM _ab_column ORDER BY tbl, id");
        while (query.step()) {
            List<Entry> ofTable = entries.computeIfAbsent(query.getLong(0), table -> new ArrayList<>());
            String name = query.getText(2);
            Rule rule = CatalogDamage.rule(query.getText(3));
            if (name == null || rule == null || query.getLong(1) != ofTable.size()) {
                throw altered();
            }
            ofTable.add(
                    new Entry(ofTable.size(), name, rule, query.getText(4), query.getLong(5) == Catalog.UNDECLARED));
        }
        return entries;
    }

    private EnrolledTable load(Row row, List<Entry> entries) {
        Map<String, String> mapped = CaptureTriggers.columnsOf(inspector.schema(), row.id);
        List<String> localKey = localKey(row, mapped);
        String local = localTable(row, localKey, entries);
        Map<String, Affinity> localColumns = local == null ? Map.of() : inspector.affinities(local);
        List<EnrolledTable.Column> columns = new ArrayList<>();
        boolean isUndeclared = false;
        for (Entry entry : entries) {
            String here = mapped.getOrDefault("c" + entry.id, entry.local);
            here = here == null || !localColumns.containsKey(here) ? null : here;
            TableDefinition.Column declared = row.definition.column(entry.name).orElse(null);
            columns.add(new EnrolledTable.Column(
                    entry.id,
                    entry.name,
                    entry.rule,
                    here,
                    here == null ? Affinity.NONE : localColumns.getOrDefault(here, Affinity.NONE),
                    declared == null ? Value.NULL : declared.defaultValue()));
            isUndeclared |= here != null && entry.isUndeclared;
        }
        if (isUndeclared) {
            undeclared.add(row.id);
        }
        boolean hasConflictClause = local != null && inspector.hasConflictClause(local);
        String rowid = local == null ? null : inspector.rowidName(local);
        List<Affinity> keyAffinities = new ArrayList<>();
        localKey.forEach(name -> keyAffinities.add(localColumns.getOrDefault(name, Affinity.NONE)));
        return new EnrolledTable(
                row.id, row.definition, local, localKey, keyAffinities, hasConflictClause, rowid, columns);
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

    private @Nullable String localTable(Row row, List<String> localKey, List<Entry> entries) {
        if (row.local == null) {
            return null;
        }
        String triggered = CaptureTriggers.tableOf(inspector.schema(), row.id);
        boolean isAnother = triggered == null && triggeredTables.contains(row.local.toLowerCase(Locale.ROOT));
        String local = isAnother ? null : inspector.find(triggered == null ? row.local : triggered);
        if (local == null && triggered == null) {
            local = madeBeside(row, localKey, entries);
        }
        if (local == null) {
            LOG.warn(
                    "table {} of the space is gone from this file, where it was called {}: its rows are kept and not shown. Make it"
                            + " again to have them back, or end its replication here with 'anabranch drop FILE {}'",
                    row.definition.name(),
                    row.local,
                    row.local);
            return null;
        }
        List<String> key = inspector.keyNames(local);
        if (!key.equals(localKey)) {
            LOG.warn(
                    "table {} was given another primary key, {} instead of {}: what is written to it stays here, until it"
                            + " has its old key again. Or end its replication here with 'anabranch drop FILE {}', and enrol"
                            + " it under another name",
                    local,
                    key,
                    localKey,
                    local);
            return null;
        }
        return local;
    }

    /**
     * Returns the table that the application made anew under the name on the wire, if it renamed the old one first and dropped it later, and
     * somebody looked in between. It has the key and all columns that the old one had.
     */
    private @Nullable String madeBeside(Row row, List<String> localKey, List<Entry> entries) {
        String made = inspector.find(row.definition.name());
        if (made == null || names.contains(made.toLowerCase(Locale.ROOT))) {
            return null;
        }
        List<String> columns = inspector.columnNames(made);
        boolean hasAll = inspector.keyNames(made).equals(localKey)
                && entries.stream().allMatch(entry -> entry.local == null || columns.contains(entry.local));
        return hasAll ? made : null;
    }

    private static List<String> keyNames(TableDefinition definition) {
        List<String> names = new ArrayList<>();
        definition.primaryKey().forEach(column -> names.add(column.name()));
        return names;
    }

    private record Row(long id, @Nullable String local, byte @Nullable [] localKey, TableDefinition definition) {}

    /** A row of {@code _ab_column}. */
    private record Entry(
            int id, String name, Rule rule, @Nullable String local, boolean isUndeclared) {}
}
