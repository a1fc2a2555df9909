// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition.ForeignKey;
import io.anabranch.sync.change.TableDefinition.IndexColumn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what the application's tables demand of their rows, from SQLite's catalogue. Confined to one connection. */
public final class ConstraintReader {
    private static final Logger LOG = LoggerFactory.getLogger(ConstraintReader.class);

    private final TableInspector inspector;
    private final RowProbe probe;
    private final Map<String, EnrolledTable> byLocalName = new HashMap<>();
    private final Map<Long, List<ForeignReference>> parents = new HashMap<>();
    private final Map<Long, List<ForeignReference>> children = new HashMap<>();

    public ConstraintReader(TableInspector inspector, RowProbe probe, Collection<EnrolledTable> tables) {
        this.inspector = inspector;
        this.probe = probe;
        for (EnrolledTable table : tables) {
            if (table.localName() != null) {
                byLocalName.put(table.localName().toLowerCase(Locale.ROOT), table);
            }
        }
    }

    /** Returns the constraints of each table that is here, by its number. */
    public Map<Long, TableConstraints> read() {
        byLocalName.forEach((name, table) -> inspector.foreignKeys(name).forEach(key -> refer(table, key)));
        Map<Long, TableConstraints> constraints = new HashMap<>();
        byLocalName.forEach((name, table) -> {
            List<UniqueKey> uniques = uniques(table, name);
            constraints.put(
                    table.id(),
                    new TableConstraints(
                            uniques,
                            parents.getOrDefault(table.id(), List.of()),
                            children.getOrDefault(table.id(), List.of()),
                            inspector.hasCheck(name),
                            renamed(table, uniques)));
        });
        return constraints;
    }

    private static EnrolledTable.@Nullable Column renamed(EnrolledTable table, List<UniqueKey> uniques) {
        for (EnrolledTable.Column column : table.shown()) {
            boolean isInKey =
                    uniques.stream().anyMatch(unique -> unique.columns().contains(column.name()));
            if (column.rule().kind() == Rule.Kind.RENAME && isInKey) {
                return column;
            }
        }
        return null;
    }

    private List<UniqueKey> uniques(EnrolledTable table, String name) {
        List<UniqueKey> uniques = new ArrayList<>();
        for (TableInspector.UniqueIndex index : inspector.uniqueIndexes(name)) {
            UniqueKey key = index.isPlain() ? columns(table, name, index.columns()) : terms(table, name, index);
            List<String> columns = new ArrayList<>();
            index.columns().forEach(column -> columns.add(column.name()));
            if (key == null && isFitted(table, columns)) {
                LOG.warn(
                        "unique index {} of {} cannot be merged by: a row that breaks it is hidden for as long as it does",
                        index.name(),
                        table);
            } else if (key != null && (!index.isPrimaryKey() || !isBinary(index.columns()))) {
                uniques.add(key);
            }
        }
        return uniques;
    }

    /** Returns whether the space knows the columns: while a table is being enrolled, or has a new one, it does not yet. */
    private static boolean isFitted(EnrolledTable table, List<String> columns) {
        Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        known.addAll(table.localKeyNames());
        table.shown().forEach(column -> known.add(column.localName()));
        return known.containsAll(columns);
    }

    private @Nullable UniqueKey terms(EnrolledTable table, String name, TableInspector.UniqueIndex index) {
        boolean isKnown = index.collations().stream()
                .allMatch(collation -> IndexedColumns.COLLATIONS.contains(collation.toUpperCase(Locale.ROOT)));
        if (!isKnown || probe.flaw(name, index.text().terms(), index.text().condition()) != null) {
            return null;
        }
        return new IndexedTerms(table, probe, index.text(), index.collations(), inspector.allColumns(name));
    }

    private @Nullable IndexedColumns columns(EnrolledTable table, String name, List<IndexColumn> columns) {
        List<String> names = new ArrayList<>();
        List<String> collations = new ArrayList<>();
        columns.forEach(column -> {
            names.add(column.name());
            collations.add(column.collation());
        });
        return IndexedColumns.of(table, names, collations, inspector.affinities(name));
    }

    private static boolean isBinary(List<IndexColumn> columns) {
        return columns.stream().allMatch(column -> column.collation().equalsIgnoreCase("BINARY"));
    }

    // ---- Foreign keys

    private void refer(EnrolledTable table, ForeignKey key) {
        EnrolledTable parent = byLocalName.get(key.parent().toLowerCase(Locale.ROOT));
        if (parent == null || parent.localName() == null || table.localName() == null) {
            return; // Nothing of it travels, so nothing can be said of its rows.
        }
        List<String> parentColumns = key.parentColumns().isEmpty() ? parent.localKeyNames() : key.parentColumns();
        List<String> collations = collations(parent.localName(), parentColumns);
        IndexedColumns to =
                IndexedColumns.of(parent, parentColumns, collations, inspector.affinities(parent.localName()));
        IndexedColumns from = parentColumns.size() != key.columns().size()
                ? null
                : IndexedColumns.of(table, key.columns(), collations, inspector.affinities(table.localName()));
        if (to == null || from == null) {
            if (isFitted(table, key.columns()) && isFitted(parent, parentColumns)) {
                LOG.warn(
                        "foreign key ({}) of {} cannot be followed: it has other columns than the key of {} that it names, or a"
                                + " collation of the application's own; rows may refer to what is not there",
                        String.join(", ", key.columns()),
                        table,
                        parent);
            }
            return;
        }
        ForeignReference reference = new ForeignReference(from, to, hides(from, parent));
        parents.computeIfAbsent(table.id(), id -> new ArrayList<>()).add(reference);
        children.computeIfAbsent(parent.id(), id -> new ArrayList<>()).add(reference);
    }

    /** SQLite compares by the parent's columns, and a unique key must stand over them in their own collation. */
    private List<String> collations(String parent, List<String> columns) {
        for (TableInspector.UniqueIndex index : inspector.uniqueIndexes(parent)) {
            Map<String, String> byColumn = new HashMap<>();
            index.columns().forEach(c -> byColumn.put(c.name().toLowerCase(Locale.ROOT), c.collation()));
            List<String> collations = new ArrayList<>();
            columns.forEach(column -> collations.add(byColumn.getOrDefault(column.toLowerCase(Locale.ROOT), "")));
            if (byColumn.size() == columns.size() && !collations.contains("")) {
                return collations;
            }
        }
        List<String> binary = new ArrayList<>();
        columns.forEach(column -> binary.add("BINARY"));
        return binary;
    }

    /** A parent that is delete-wins cannot be kept alive. */
    private static boolean hides(IndexedColumns child, EnrolledTable parent) {
        ForeignKeyRule rule = child.table().definition().foreignKeyRule(child.columns());
        return rule == ForeignKeyRule.HIDE || parent.onDelete() == DeletePolicy.DELETE_WINS;
    }
}
