// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.LateEdits;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotReader;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.apply.Applier;
import io.anabranch.sync.store.history.ConflictLog;
import io.anabranch.sync.store.log.PartStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles with a peer that fences by more than this file was held against. What is here and not there keeps its name, but it may
 * edit rows that others have forgotten: so the file takes all that the peer holds, and rows that are dead there and that it kept
 * alive begin a new life, as {@link LateEdits} says. Costs O(file), once. Thread-safe.
 */
final class LateRows {
    private static final Logger LOG = LoggerFactory.getLogger(LateRows.class);

    private final Components parts;
    private final Transactions transactions;
    private final Arrivals arrivals;
    private final SnapshotTransfer snapshots;
    /** Parts of the peer's change sets. */
    private final PartStore fetched;

    LateRows(
            Components parts,
            Transactions transactions,
            Arrivals arrivals,
            SnapshotTransfer snapshots,
            PartStore fetched) {
        this.parts = parts;
        this.transactions = transactions;
        this.arrivals = arrivals;
        this.snapshots = snapshots;
        this.fetched = fetched;
    }

    /**
     * Settles, in one transaction: a crash leaves all as it was or all as it is to be.
     *
     * @param staged the peer's snapshots, staged whole; none if its log reaches back to the beginning
     * @param tail everything that the peer holds beyond them, in causal order
     * @param fence the vector by which the peer fences
     * @param forgotten what hidden lives may be dropped by: that, or less
     * @return false if the peer holds another history of an origin than this file: then nothing has changed
     */
    boolean settle(
            List<Snapshot.Id> staged, List<EncodedChangeSet> tail, VersionVector fence, VersionVector forgotten) {
        synchronized (transactions) {
            if (transactions.read(() -> isForked(snapshots.headsOf(snapshots.numbersAside(staged)), tail))) {
                return false;
            }
            arrivals.showing(unruly -> new Attempt(snapshots.numbersAside(staged), tail, unruly).run(fence, forgotten));
            return true;
        }
    }

    private boolean isForked(Heads adopted, List<EncodedChangeSet> tail) {
        return adopted.entries().entrySet().stream().anyMatch(each -> differs(each.getKey(), each.getValue()))
                || tail.stream().anyMatch(each -> differs(each.header().origin(), each.head()));
    }

    private boolean differs(Origin origin, Head theirs) {
        Head head = parts.origins.head(origin);
        Hash128 mine = head.seq() == theirs.seq() ? head.hash() : parts.log.hash(origin, theirs.seq());
        return mine != null && !mine.equals(theirs.hash());
    }

    /** Settling, in one write transaction. */
    private final class Attempt {
        private final List<Long> staged;
        private final List<EncodedChangeSet> tail;
        private final Set<String> unruly;
        private final List<RowChange> changes = new ArrayList<>();

        Attempt(List<Long> staged, List<EncodedChangeSet> tail, Set<String> unruly) {
            this.staged = staged;
            this.tail = tail;
            this.unruly = unruly;
        }

        List<RowChange> run(VersionVector fence, VersionVector forgotten) {
            VersionVector theirs = take();
            say(theirs, there(theirs, fence));
            Fence.fenceBy(parts, fence.intersection(parts.origins.heads().vector()));
            Fence.forgetBy(parts, forgotten);
            fetched.clear();
            staged.forEach(parts.snapshots::drop);
            return changes;
        }

        /** Takes everything that the peer holds, and returns what that is. */
        private VersionVector take() {
            VersionVector theirs = snapshots.headsOf(staged).vector();
            for (long number : staged) {
                changes.addAll(snapshots.join(number, unruly));
            }
            for (EncodedChangeSet changeSet : tail) {
                Dot dot = changeSet.header().dot();
                theirs = theirs.with(dot.origin(), dot.seq());
                if (parts.origins.head(dot.origin()).seq() < dot.seq()) {
                    take(changeSet);
                }
            }
            return theirs;
        }

        /** A part at a time, where it comes in parts. */
        private void take(EncodedChangeSet changeSet) {
            take(List.of(changeSet), List.of());
            Dot dot = changeSet.header().dot();
            PartSource source = fetched.of(changeSet);
            for (int i = 0; i < changeSet.parts().count(); i++) {
                take(List.of(), List.of(new Part(dot.origin(), dot.seq(), i, source.part(i))));
            }
        }

        private void take(List<EncodedChangeSet> changeSets, List<Part> bodies) {
            Applier applier = parts.applier(unruly);
            Admission admission = applier.apply(changeSets, bodies);
            if (!(admission instanceof Admission.Next)) {
                throw new SyncException(
                        "cannot settle with the peer: it sent change sets that do not follow from each other ("
                                + admission + "); nothing was changed");
            }
            changes.addAll(applier.changes());
        }

        // ---- What is dead there

        /**
         * Returns, of each row that this file may have kept alive alone, what the peer had of it by the fence, and the lives that began
         * since, as far as its log tells. What was deleted since nobody has forgotten, and edits win over that as ever.
         */
        private Map<RowName, RowLives<String, Value>> there(VersionVector theirs, VersionVector fence) {
            Map<RowName, RowLives<String, Value>> there = new TreeMap<>();
            for (EnrolledTable table : parts.catalog.all()) {
                for (Key key : parts.rows.keys(table)) {
                    if (mayBeLate(parts.rows.loadWithImage(table, key, false).lives(), theirs)) {
                        there.put(new RowName(table.name(), key), RowLives.none());
                    }
                }
            }
            if (!there.isEmpty()) {
                VersionVector covered = VersionVector.EMPTY;
                for (long number : staged) {
                    covered = join(number, there, covered);
                }
                tail.forEach(changeSet -> follow(changeSet, there, fence));
            }
            return there;
        }

        /** Joins those rows of a snapshot to what others have of them that cover so much, and returns what is covered then. */
        private VersionVector join(long number, Map<RowName, RowLives<String, Value>> there, VersionVector covered) {
            Map<RowName, RowLives<String, Value>> found = new HashMap<>();
            SnapshotReader.read(parts.snapshots.parts(number), entry -> {
                if (entry instanceof Snapshot.Row row) {
                    RowName name = new RowName(row.table(), Key.of(row.key()));
                    if (there.containsKey(name)) {
                        found.put(name, row.lives());
                    }
                }
            });
            VersionVector vector = parts.snapshots.readHeads(number).vector();
            there.replaceAll((name, row) -> row.join(found.getOrDefault(name, RowLives.none()), covered, vector));
            return covered.union(vector);
        }

        private boolean mayBeLate(RowLives<String, Value> row, VersionVector theirs) {
            for (Life<String, Value> life : row.lives()) {
                if (life.policy() == DeletePolicy.EDIT_WINS
                        && life.isAlive()
                        && theirs.contains(life.id())
                        && life.live().stream().noneMatch(theirs::contains)) {
                    return true;
                }
            }
            return false;
        }

        private void follow(
                EncodedChangeSet changeSet, Map<RowName, RowLives<String, Value>> there, VersionVector fence) {
            boolean isForgettable = fence.contains(changeSet.header().dot());
            if (changeSet.header().isVoid()) {
                return;
            }
            ChangeSetReader reader = new ChangeSetReader(changeSet, fetched.of(changeSet));
            for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
                for (TableOp op : ops) {
                    if (op instanceof TableOp.Change change && (isForgettable || change.op() instanceof RowOp.Insert)) {
                        there.computeIfPresent(
                                new RowName(change.table(), Key.of(change.key())),
                                (name, row) -> row.apply(change.op()));
                    }
                }
            }
        }

        // ---- What becomes of it here

        /** The new lives first, so that nobody ever sees such a row gone. */
        private void say(VersionVector theirs, Map<RowName, RowLives<String, Value>> there) {
            Map<RowName, LateEdits<String, Value>> late = new TreeMap<>();
            there.forEach((name, row) -> {
                LateEdits<String, Value> edits = new LateEdits<>(here(name), row, theirs);
                if (edits.isAny()) {
                    late.put(name, edits);
                }
            });
            if (!late.isEmpty()) {
                say(late, LateEdits::begin);
                say(late, LateEdits::end);
                noteLosses(late);
                LOG.warn(
                        "{} had kept {} rows alive that are dead elsewhere: they begin a new life",
                        parts.path,
                        late.size());
            }
        }

        /** Afterwards, since who ends a life has seen what was listed of it. */
        private void noteLosses(Map<RowName, LateEdits<String, Value>> late) {
            ConflictLog conflicts = new ConflictLog(parts.db, parts.rows);
            Dot ended = new Dot(parts.self(), parts.origins.head(parts.self()).seq());
            late.forEach((name, edits) ->
                    conflicts.noteLosses(table(name), name.key, edits.losses(ended), parts.correctedMillis()));
        }

        private EnrolledTable table(RowName name) {
            EnrolledTable table = parts.catalog.find(name.table);
            if (table == null) {
                throw new AssertionError("a row of no table: " + name);
            }
            return table;
        }

        private RowLives<String, Value> here(RowName name) {
            EnrolledTable table = table(name);
            return parts.rows.resolved(
                    table,
                    name.key,
                    parts.rows.loadWithImage(table, name.key, false).lives());
        }

        private void say(
                Map<RowName, LateEdits<String, Value>> late,
                BiFunction<LateEdits<String, Value>, Dot, @Nullable RowOp<String, Value>> what) {
            Head head = parts.origins.head(parts.self());
            Dot dot = new Dot(parts.self(), head.seq() + 1);
            HybridTime stamp = new HybridTime(parts.meta.getLong("hlc")).tick(parts.correctedMillis());
            ChangeSetHeader header = new ChangeSetHeader(
                    dot.origin(), dot.seq(), head.hash(), stamp.bits(), parts.origins.news(dot.origin()));
            ChangeSetWriter writer = new ChangeSetWriter(
                    header, BodyLimits.DEFAULT, parts.log.parts().writing(dot));
            late.forEach((name, edits) -> {
                RowOp<String, Value> op = what.apply(edits, dot);
                if (op != null) {
                    writer.add(new TableOp.Change(name.table, name.key.values(), op, true));
                }
            });
            if (!writer.isEmpty()) {
                Applier applier = parts.applier(unruly);
                applier.applyOwn(writer.finish());
                parts.origins.markSeen();
                changes.addAll(applier.changes());
            }
        }
    }

    private record RowName(String table, Key key) implements Comparable<RowName> {
        @Override
        public int compareTo(RowName other) {
            int order = table.compareTo(other.table);
            return order != 0 ? order : key.compareTo(other.key);
        }
    }
}
