// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.enrol;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.EnrolProgress;
import io.anabranch.sync.EnrolReport;
import io.anabranch.sync.MergeRules;
import io.anabranch.sync.SyncException.CannotEnrol;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.apply.Applier;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.rule.ColumnRule;
import io.anabranch.sync.store.rule.Merges;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a table of the application one of the space. Rows that are there already are captured under an origin derived from
 * the space, the table and the rows themselves, at rank 0: devices that enrol copies of one table write the very same
 * change sets, and so count its counters once.
 */
public final class Enroller {
    /** No resolver takes part in what is captured. */
    private static final Merges NO_MERGES = new Merges(MergeRules.none());

    private final SqlDatabase db;
    private final Origins origins;
    private final ChangeLog log;
    private final Catalog catalog;
    private final TableInspector inspector;
    private final RowStore rows;
    private final Supplier<Applier> appliers;
    private final RequestedRules requests;
    private final EnrolmentChecks checks;

    public Enroller(
            SqlDatabase db,
            Origins origins,
            ChangeLog log,
            Catalog catalog,
            TableInspector inspector,
            RowStore rows,
            Supplier<Applier> appliers) {
        this.db = db;
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.inspector = inspector;
        this.rows = rows;
        this.appliers = appliers;
        this.requests = new RequestedRules(catalog, inspector);
        this.checks = new EnrolmentChecks(db, inspector);
    }

    /**
     * Makes a table of the application one of the space.
     *
     * @param sealFound seals what a table of which the space has rows holds in cells that nobody has written
     */
    public EnrolReport enrol(
            String space,
            String requested,
            TableRules rules,
            EnrolProgress progress,
            Consumer<EnrolledTable> sealFound) {
        String name = inspector.tables().stream()
                .filter(requested::equalsIgnoreCase)
                .findFirst()
                .orElse(null);
        if (name == null) {
            throw new CannotEnrol("cannot enrol " + requested + ": the file has no such table; its tables are "
                    + String.join(", ", inspector.tables()));
        }
        Map<String, Rule> wanted = requests.resolve(name, rules);
        EnrolledTable known = catalog.findLocal(name) == null ? catalog.find(name) : catalog.findLocal(name);
        if (known != null && known.isLocal() && !name.equals(known.localName())) {
            throw new CannotEnrol("cannot enrol " + name + ": the space has a table of that name, which is called "
                    + known.localName() + " in this file; give the new table another name");
        }
        if (known != null) {
            RequestedRules.checkAgreement(known, RequestedRules.onTheWire(known, wanted), rules);
            if (known.isLocal()) {
                return new EnrolReport(name, 0, List.of(), true);
            }
            known.columns().forEach(column -> wanted.put(column.name(), column.rule()));
            known.definition().primaryKey().forEach(column -> wanted.put(column.name(), column.rule()));
        }
        DeletePolicy onDelete = known == null ? rules.onDelete() : known.onDelete();
        TableInspector.Inspected inspected =
                inspector.inspect(name, wanted, onDelete, requests.foreignKeyRules(name, rules, known));
        TableDefinition definition = inspected.definition();
        checks.check(definition, known);
        if (known == null) {
            requests.checkRevived(definition);
        }
        ExistingRows existing = new ExistingRows(db, rows, definition);
        EnrolmentChecks.checkValues(definition, existing, "cannot enrol " + name + ": ");
        long there = existing.count();
        boolean hasHeld = db.queryLong("SELECT count(*) FROM _ab_log WHERE held = 1") > 0;
        Origin derived = existing.derive(space);
        if (known != null
                && catalog.local().wasDropped(known)
                && origins.head(derived).seq() == 0) {
            // The rows were the space's once. What it still shows is not inserted again: its counters would count
            // twice.
            existing.leaveOutShown(known);
            derived = existing.derive(space);
        }
        Set<Catalog.HidingReference> hiding = catalog.hidingReferences();
        EnrolledTable table;
        if (known != null && existing.isEmpty()) {
            table = catalog.local().attach(known, name);
        } else {
            table = catalog.local()
                    .attach(
                            catalog.declarations()
                                    .declare(definition, 0, derived)
                                    .table(),
                            name);
            capture(table, definition, derived, existing, progress);
        }
        if (known != null) {
            sealFound.accept(table);
        }
        if (known != null || hasHeld) {
            appliers.get().adopting(table).attached(table, known == null);
        }
        appliers.get().showAll(Catalog.HidingReference.childrenThatDiffer(hiding, catalog.hidingReferences()));
        List<String> warnings = new ArrayList<>(inspected.warnings());
        if (known == null && there > 0) {
            warnings.addAll(rightsOfNobody(table));
        }
        return new EnrolReport(name, there, warnings, false);
    }

    /** Copies of one table cannot know which of them should have the rights to what it holds. */
    private static List<String> rightsOfNobody(EnrolledTable table) {
        List<String> warnings = new ArrayList<>();
        for (EnrolledTable.Column column : table.shown()) {
            if (column.rule().kind() == Rule.Kind.BOUNDED) {
                warnings.add("nobody may take from " + column.localName() + " of the rows that are in " + table
                        + " yet: on one replica, 'anabranch rights FILE " + table + " KEY " + column.localName()
                        + " --claim' or ReplicaRow.claimRights() makes a row's rights its own");
            }
        }
        return warnings;
    }

    /** Gives columns that the space does not know yet the rules that {@code rules} has for them. */
    public void choose(EnrolledTable table, TableRules rules) {
        Map<String, Rule> wanted =
                RequestedRules.onTheWire(table, requests.resolve(String.valueOf(table.localName()), rules));
        catalog.declarations().chooseRules(table, wanted);
    }

    // ---- Rows that are there

    /** Seals the rows and takes them into state. What another device enrolled before, from equal rows, is here already. */
    private void capture(
            EnrolledTable table,
            TableDefinition definition,
            Origin derived,
            ExistingRows rows,
            EnrolProgress progress) {
        long total = rows.count();
        long count = 0;
        progress.enrolled(table.label(), 0, total);
        Head known = origins.head(derived);
        Head head = Head.NONE;
        rows.rewind();
        List<ExistingRows.Row> chunk = rows.next();
        do {
            ChangeSetHeader header = new ChangeSetHeader(derived, head.seq() + 1, head.hash(), 0, List.of());
            boolean isNew = header.seq() > known.seq();
            ChangeSetWriter writer = new ChangeSetWriter(
                    header, BodyLimits.DEFAULT, isNew ? log.parts().writing(header.dot()) : (index, bytes) -> {});
            if (head.seq() == 0) {
                writer.add(new TableOp.Declare(definition));
            }
            for (ExistingRows.Row row : chunk) {
                writer.add(new TableOp.Change(table.name(), row.key(), insert(header, definition, row), true));
            }
            EncodedChangeSet changeSet = writer.finish();
            if (isNew) {
                appliers.get().adopting(table).applyOwn(changeSet);
            }
            head = changeSet.head();
            count += chunk.size();
            if (!chunk.isEmpty()) {
                progress.enrolled(table.label(), count, total);
            }
            chunk = rows.next();
        } while (!chunk.isEmpty());
    }

    private static RowOp<String, Value> insert(
            ChangeSetHeader header, TableDefinition definition, ExistingRows.Row row) {
        Map<String, CellWrite<Value>> writes = new HashMap<>();
        int i = 0;
        for (TableDefinition.Column column : definition.columns()) {
            if (column.keyPosition() == 0) {
                try {
                    CellWrite<Value> write = write(column, row.values().get(i++), header.origin());
                    if (write != null) {
                        writes.put(column.name(), write);
                    }
                } catch (ColumnRule.Rejection e) {
                    throw new AssertionError("checked before: " + e.reason());
                }
            }
        }
        return RowLives.<String, Value>none().insert(header.dot(), 0, definition.onDelete(), writes);
    }

    /** What is written depends on the definition alone, and not on what else this file knows: copies must agree on it. */
    static @Nullable CellWrite<Value> write(TableDefinition.Column column, Value value, Origin origin)
            throws ColumnRule.Rejection {
        EnrolledTable.Column alone =
                new EnrolledTable.Column(0, column.name(), column.rule(), null, Affinity.NONE, column.defaultValue());
        return ColumnRule.of(column.rule())
                .write(
                        value,
                        new ColumnRule.Context(
                                RowLives.none(), alone, origin, false, Collections.emptySortedMap(), NO_MERGES));
    }
}
