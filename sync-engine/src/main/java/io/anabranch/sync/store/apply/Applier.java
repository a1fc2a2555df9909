// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.catalog.Declarations;
import io.anabranch.sync.store.history.ConflictLog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.log.PartStore;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes change sets: into the log, and their operations, row by row, to the {@link Projector}. Runs in the caller's write
 * transaction, after a seal, with the version vector moved in the same transaction. Confined to one connection; made anew for
 * each batch.
 *
 * <p>State never refuses an operation. What cannot be understood yet is held in the log and taken when it can be.
 */
public final class Applier {
    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

    private final SqlDatabase db;
    private final Meta meta;
    private final ChangeLog log;
    private final Catalog catalog;
    private final RowStore rows;
    private final ConflictLog conflicts;
    private final Projector projector;
    private final long nowMillis;
    private final ClocksAhead clocksAhead;

    private TouchedRows touched = new TouchedRows();
    /** Tables all of whose rows are shown again. */
    private final Set<Long> reprojected = new TreeSet<>();

    private boolean tookSome;
    private boolean retriesHidden;
    private HybridTime clock;

    /** @param unruly tables whose triggers ended the transaction when this was tried before */
    public Applier(
            SqlDatabase db,
            Meta meta,
            ChangeLog log,
            Catalog catalog,
            RowStore rows,
            long nowMillis,
            Set<String> unruly) {
        this.db = db;
        this.meta = meta;
        this.log = log;
        this.catalog = catalog;
        this.rows = rows;
        this.conflicts = new ConflictLog(db, rows);
        this.projector = new Projector(db, catalog, rows, conflicts, nowMillis, unruly);
        this.nowMillis = nowMillis;
        this.clocksAhead = new ClocksAhead(db, meta);
        this.clock = new HybridTime(meta.getLong("hlc"));
    }

    /**
     * Applies change sets in order, then parts.
     *
     * @return why one of them may not be taken, and then the caller must roll back; {@link Admission.Next} if all were
     */
    public Admission apply(List<EncodedChangeSet> changeSets, List<Part> parts) {
        log.parts().dropOvertaken(log);
        for (EncodedChangeSet changeSet : changeSets) {
            Admission admission = Admission.of(changeSet, log);
            if (admission instanceof Admission.Next) {
                if (changeSet.isInParts()) {
                    log.parts().expect(changeSet);
                } else {
                    take(changeSet);
                }
            } else if (!(admission instanceof Admission.Known)) {
                return admission;
            }
        }
        for (Part part : parts) {
            PartStore.Arrival arrival = log.parts().take(part);
            if (arrival instanceof PartStore.Arrival.Bad bad) {
                return bad.why();
            }
            if (arrival instanceof PartStore.Arrival.Whole whole) {
                take(whole.changeSet());
            }
        }
        finish();
        return new Admission.Next();
    }

    /** Applies a change set that was written here, all of whose parts are here. */
    public void applyOwn(EncodedChangeSet changeSet) {
        take(changeSet);
        finish();
    }

    private void take(EncodedChangeSet changeSet) {
        tookSome = true;
        log.append(changeSet);
        observe(changeSet);
        collect(changeSet, null);
    }

    private void finish() {
        if (tookSome) {
            retryHidden();
            project();
            conflicts.prune(nowMillis);
            meta.put("hlc", clock.bits());
            clocksAhead.keep(nowMillis);
        }
    }

    /** Returns the rows that the application's tables show differently now. */
    public List<RowChange> changes() {
        return projector.changes();
    }

    private void observe(EncodedChangeSet changeSet) {
        if (changeSet.header().isVoid()) {
            return;
        }
        HybridTime stamp = new HybridTime(changeSet.header().stamp());
        clocksAhead.see(changeSet.header().origin(), stamp, nowMillis);
        clock = clock.observe(stamp, nowMillis);
    }

    // ---- Collecting operations

    /** @param only take operations on this table alone; null takes all */
    private void collect(EncodedChangeSet changeSet, @Nullable String only) {
        boolean held = false;
        if (!changeSet.header().isVoid()) {
            ChangeSetReader reader = new ChangeSetReader(changeSet, log.parts().of(changeSet));
            for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
                for (TableOp op : ops) {
                    held |= !collect(op, changeSet, only);
                }
                if (changeSet.isInParts()) {
                    projectSection();
                }
            }
        }
        if (held || only != null) {
            log.setHeld(changeSet.header().dot(), held);
        }
    }

    /** Shows what was collected before the next section is read, so that no more than one is ever in memory. */
    private void projectSection() {
        projector.project(touched);
        touched = new TouchedRows();
        retriesHidden = true; // A row of a later section may have held what one of this section wants.
    }

    /** Returns whether the operation was understood. */
    private boolean collect(TableOp op, EncodedChangeSet changeSet, @Nullable String only) {
        if (op instanceof TableOp.Declare declare) {
            if (only == null) {
                declare(
                        declare.definition(),
                        changeSet.header().stamp(),
                        changeSet.header().origin());
            }
            return true;
        }
        if (op instanceof TableOp.Unknown unknown && unknown.kind() == TableOp.Unknown.UNREADABLE) {
            LOG.warn(
                    "something in change set {} does not decode and is kept without effect",
                    changeSet.header().dot());
        }
        if (!(op instanceof TableOp.Change change)) {
            return false;
        }
        EnrolledTable table = catalog.find(change.table());
        if (table == null) {
            return false;
        }
        if (only == null || only.equals(change.table())) {
            for (String column : RowStore.cells(change.op()).keySet()) {
                if (table.column(column) == null) {
                    table = catalog.declarations()
                            .withColumn(table, column, changeSet.header().origin());
                }
            }
            touched.add(table, Key.of(change.key()), change.op());
        }
        return change.understood();
    }

    /** Takes a declaration; the lowest rank, then the lowest origin, holds. */
    public void declare(TableDefinition definition, long rank, Origin origin) {
        String flaw = definition.flaw();
        if (flaw != null) {
            LOG.warn("the declaration of table {} by {} is void: {}", definition.name(), origin, flaw);
            return;
        }
        Set<Catalog.HidingReference> hiding = catalog.hidingReferences();
        Declarations.Declared declared = catalog.declarations().declare(definition, rank, origin);
        if (declared.showsOtherwise()) {
            reprojected.add(declared.table().id());
        }
        if (declared.isNew()) {
            if (catalog.made().exists(definition.name())) {
                LOG.warn(
                        "the space has a table {} and so does this file, which is not enrolled: enrol it to join them",
                        definition.name());
            } else {
                create(declared.table());
            }
            collectHeld(definition.name());
        } else if (catalog.made().isMadeHere(declared.table())) {
            widen(declared.table(), definition);
        }
        reprojected.addAll(Catalog.HidingReference.childrenThatDiffer(hiding, catalog.hidingReferences()));
    }

    /** What SQLite will not make of a definition (two thousand columns, say) must not stop the rest. */
    private void create(EnrolledTable table) {
        trying("table " + table + " of the space cannot be made here, its rows are kept unseen", () -> {
            catalog.made().create(table.definition());
            catalog.local().attach(table, table.name());
            catalog.made().setMadeHere(table);
        });
    }

    /** A table that this file is just getting from the space takes the columns that were added to it since. */
    private void widen(EnrolledTable table, TableDefinition definition) {
        for (TableDefinition.Column column : definition.columns()) {
            EnrolledTable.Column known = table.column(column.name());
            if (known != null && !known.isLocal()) {
                trying(
                        "column " + table + "." + column.name() + " cannot be added here, its values are kept unseen",
                        () -> {
                            catalog.made().addColumn(table, column);
                            reprojected.add(table.id());
                        });
            }
        }
    }

    private void trying(String failure, Runnable ddl) {
        db.execute("SAVEPOINT _ab_create");
        try {
            ddl.run();
        } catch (SqlException e) {
            if (e.kind() != SqlException.Kind.BAD_SQL && e.kind() != SqlException.Kind.CONSTRAINT) {
                throw e; // A full disk says nothing about the definition.
            }
            db.execute("ROLLBACK TO _ab_create");
            catalog.forget();
            catalog.refresh();
            LOG.warn("{}: {}", failure, e.getMessage());
        }
        db.execute("RELEASE _ab_create");
    }

    private void collectHeld(String table) {
        for (EncodedChangeSet waiting : log.held()) {
            collect(waiting, table);
        }
    }

    // ---- Joining a snapshot

    /** Has a row shown whose state was joined with another. */
    public void touch(EnrolledTable table, Key key) {
        touched.touch(table.id(), key);
    }

    /** Notes what loses when two states of a row are joined, before they are. */
    public void noteJoin(
            EnrolledTable table,
            Key key,
            RowLives<String, Value> mine,
            RowLives<String, Value> theirs,
            VersionVector here,
            VersionVector there) {
        conflicts.noteJoin(table, key, mine, theirs, here, there, nowMillis);
    }

    /** Takes the operations on one table of a change set whose others were applied where the snapshot was made. */
    public void takeHeld(EncodedChangeSet changeSet, EnrolledTable table) {
        collect(changeSet, table.name());
    }

    /** Shows what was touched. */
    public void show() {
        retryHidden();
        project();
        conflicts.prune(nowMillis);
    }

    // ---- Showing

    /** Says that a table holds rows from before it was enrolled, which the change sets to come describe. */
    public Applier adopting(EnrolledTable table) {
        projector.adopt(table);
        return this;
    }

    /** Shows all rows of tables whose foreign keys mean something else than before. */
    public void showAll(Set<Long> tables) {
        reprojected.addAll(tables);
        project();
    }

    /**
     * Shows all rows of a table that was just attached.
     *
     * @param wasUnknown whether the space had not declared it here, so that what came before its declaration was held
     */
    public void attached(EnrolledTable table, boolean wasUnknown) {
        if (wasUnknown) {
            collectHeld(table.name());
        }
        reprojected.add(table.id());
        project();
    }

    /**
     * Has every value kept in the state of its row: what triggers of the application do to a row that is shown is undone by values from
     * the log, and these are not in it yet.
     */
    public void keepValues() {
        projector.keepValues();
    }

    /** Shows rows again, some columns of which are known here only now. */
    public void show(EnrolledTable table, Iterable<Key> keys) {
        keys.forEach(key -> touched.touch(table.id(), key));
        project();
    }

    /** The reason why rows are hidden may have gone with a change of the schema. */
    private void retryHidden() {
        long schema = db.queryLong("PRAGMA schema_version");
        if (!retriesHidden && schema == meta.getLong("hidden_tried_at_schema")) {
            return;
        }
        meta.put("hidden_tried_at_schema", schema);
        HiddenRows hidden = new HiddenRows(db);
        hidden.all().forEach(row -> touched.touch(row.table(), row.key()));
        hidden.allRenamed().forEach(row -> touched.touch(row.table(), row.key()));
    }

    private void project() {
        for (long id : reprojected) {
            rows.keys(catalog.get(id)).forEach(key -> touched.touch(id, key));
        }
        projector.project(touched);
    }
}
