// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.snapshot;

import io.anabranch.crdt.Life;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotReader;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.apply.Applier;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Joins a snapshot into the state of a file: what both have stays, and what one has that the other's vector does not cover.
 * Own change sets that the snapshot's maker never saw keep their effect. Runs in the caller's write transaction, after a
 * seal. Confined to one connection.
 */
public final class SnapshotJoin {
    private static final int BATCH_ROWS = 10_000;

    private final Origins origins;
    private final ChangeLog log;
    private final Meta meta;
    private final Catalog catalog;
    private final RowStore rows;
    private final Supplier<Applier> appliers;
    private final long nowMillis;
    private final List<RowChange> changes = new ArrayList<>();
    private final Map<Origin, Long> jumped = new TreeMap<>();

    private final boolean hasTriggers;
    private VersionVector here = VersionVector.EMPTY;
    private VersionVector there = VersionVector.EMPTY;
    private Heads theirs = Heads.NONE;
    private final Set<String> declaredThere = new HashSet<>();
    private final List<EncodedChangeSet> held = new ArrayList<>();

    /** The table whose rows come at the moment, its own rows that are still to be looked at, and what is to be shown. */
    private @Nullable EnrolledTable table;

    private @Nullable Iterator<Key> ownKeys;
    private @Nullable Key nextOwn;
    private final Set<Long> done = new HashSet<>();
    private Applier applier;
    private int inBatch;

    public SnapshotJoin(
            Meta meta,
            Origins origins,
            ChangeLog log,
            Catalog catalog,
            RowStore rows,
            Supplier<Applier> appliers,
            long nowMillis) {
        this.meta = meta;
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.rows = rows;
        this.appliers = appliers;
        this.hasTriggers = catalog.hasApplicationTriggers();
        this.applier = nextApplier();
        this.nowMillis = nowMillis;
    }

    /**
     * Joins the snapshot whose bytes are {@code parts}.
     *
     * @return whether it had anything to tell. If it did, the caller keeps a snapshot of the whole and cuts the log: what lies
     *     between the old heads and the new is not in it
     */
    public boolean join(Iterator<byte[]> parts) {
        here = origins.heads().vector();
        SnapshotReader.read(parts, this::take);
        if (here.dominates(there)) {
            return false;
        }
        show();
        finishTables();
        advance();
        takeHeld();
        show();
        if (hasTriggers) {
            leaveValues();
        }
        return true;
    }

    /** Returns the origins of which the snapshot knew more, and up to where. Of these the log holds nothing to pass on. */
    public Map<Origin, Long> jumped() {
        return jumped;
    }

    /** Returns the rows that the application's tables show differently now. */
    public List<RowChange> changes() {
        return changes;
    }

    private void show() {
        applier.show();
        changes.addAll(applier.changes());
        applier = nextApplier();
        inBatch = 0;
    }

    /** A trigger that fires for one batch may change a row of another, whose values are in no log and no kept snapshot yet. */
    private Applier nextApplier() {
        Applier next = appliers.get();
        if (hasTriggers) {
            next.keepValues();
        }
        return next;
    }

    /** Leaves the values to the application's tables that show them. */
    private void leaveValues() {
        for (EnrolledTable each : catalog.all()) {
            if (each.isLocal()) {
                for (Key key : rows.keys(each)) {
                    RowStore.Row row = rows.loadWithImage(each, key, false);
                    if (row.image() != null && !rows.isAsShown(each, key, row.image())) {
                        rows.save(each, key, row.lives(), row.image());
                    }
                }
            }
        }
    }

    private void take(Snapshot.Entry entry) {
        if (entry instanceof Snapshot.Head head) {
            begin(head);
        } else if (here.dominates(there)) {
            return; // Nothing in it is new.
        } else if (entry instanceof Snapshot.Declared declared) {
            applier.declare(declared.definition(), declared.rank(), declared.origin());
            declaredThere.add(declared.definition().name());
        } else if (entry instanceof Snapshot.Row row) {
            take(row);
        } else if (entry instanceof Snapshot.Held unknown) {
            held.add(unknown.changeSet());
        } else if (entry instanceof Snapshot.HeldPart each) {
            keep(each.part());
        }
    }

    /** Parts follow their change set, which is taken last: what it operates on must be known by then. */
    private void keep(Part part) {
        EncodedChangeSet changeSet = held.isEmpty() ? null : held.get(held.size() - 1);
        if (changeSet == null || !changeSet.header().dot().equals(new Dot(part.origin(), part.seq()))) {
            throw new DecodeException(0, "the change set of a part before it", "another one");
        }
        if (isNew(changeSet)) {
            log.parts().put(changeSet, part);
        }
    }

    private boolean isNew(EncodedChangeSet changeSet) {
        Dot dot = changeSet.header().dot();
        return !here.contains(dot) && there.contains(dot);
    }

    private void begin(Snapshot.Head head) {
        theirs = head.heads();
        there = theirs.vector();
        if (!here.dominates(there)) {
            HybridTime clock = new HybridTime(meta.getLong("hlc"));
            meta.put(
                    "hlc",
                    clock.observe(new HybridTime(head.clock()), nowMillis).bits());
        }
    }

    // ---- Rows

    private void take(Snapshot.Row row) {
        EnrolledTable current = table;
        if (current == null || !current.name().equals(row.table())) {
            show(); // What was held here until its table was declared comes before the join.
            finishTable();
            current = catalog.find(row.table());
            if (current == null) {
                throw new AssertionError("a snapshot with rows of a table that it does not declare: " + row.table());
            }
            beginTable(current);
        }
        current = withColumns(current, row.lives());
        Key key = Key.of(row.key());
        for (Key own = nextOwn; own != null && own.compareTo(key) < 0; own = nextOwn) {
            join(current, own, RowLives.none());
            nextOwn();
        }
        if (key.equals(nextOwn)) {
            nextOwn();
        }
        join(current, key, row.lives());
    }

    /** Makes room for cells of columns that are not declared here. */
    private EnrolledTable withColumns(EnrolledTable current, RowLives<String, Value> lives) {
        EnrolledTable widened = current;
        for (Life<String, Value> life : lives.lives()) {
            for (String column : RowStore.columns(life)) {
                if (widened.column(column) == null) {
                    widened = catalog.declarations()
                            .withColumn(widened, column, life.id().origin());
                }
            }
        }
        table = widened;
        return widened;
    }

    private void beginTable(EnrolledTable current) {
        table = current;
        done.add(current.id());
        ownKeys = rows.keys(current).iterator();
        nextOwn();
    }

    private void nextOwn() {
        nextOwn = ownKeys != null && ownKeys.hasNext() ? ownKeys.next() : null;
    }

    private void finishTable() {
        EnrolledTable current = table;
        if (current != null) {
            for (Key own = nextOwn; own != null; own = nextOwn) {
                join(current, own, RowLives.none());
                nextOwn();
            }
            table = null;
        }
    }

    /** Tables of which the snapshot has no row may have had some that were deleted. */
    private void finishTables() {
        finishTable();
        for (EnrolledTable each : new ArrayList<>(catalog.all())) {
            if (!done.contains(each.id())) {
                beginTable(each);
                finishTable();
            }
        }
    }

    private void join(EnrolledTable current, Key key, RowLives<String, Value> other) {
        RowStore.Row own = rows.loadWithImage(current, key, false);
        RowLives<String, Value> joined = own.lives().join(other, here, there);
        if (joined.equals(own.lives())) {
            return;
        }
        applier.noteJoin(current, key, own.lives(), other, here, there);
        rows.save(current, key, joined, own.image());
        applier.touch(current, key);
        if (++inBatch == BATCH_ROWS) {
            show();
        }
    }

    // ---- The vector

    /** Takes over the heads of origins of which the snapshot knows more. */
    private void advance() {
        theirs.entries().forEach((origin, head) -> {
            Head mine = origins.head(origin);
            if (mine.seq() < head.seq()) {
                origins.advance(origin, mine, head);
                jumped.put(origin, head.seq());
            }
        });
    }

    /** What the snapshot's maker did not understand, and this file perhaps does: operations on tables it had not heard of. */
    private void takeHeld() {
        for (EncodedChangeSet changeSet : held) {
            if (isNew(changeSet)) {
                log.appendHeld(changeSet);
                for (EnrolledTable each : new ArrayList<>(catalog.all())) {
                    if (!declaredThere.contains(each.name())) {
                        applier.takeHeld(changeSet, each);
                    }
                }
            }
        }
    }
}
