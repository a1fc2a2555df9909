// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.Reissue;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.log.PartStore;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one recovery routine, for a file whose change sets a peer will not take under the name that they have: it was rolled
 * back, or its history forked. The file begins anew from all that the
 * peer holds and says its own unshared change sets again under another origin. All in the caller's write transaction: a crash
 * leaves the old world or the new. Confined to one connection.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final SqlDatabase db;
    private final Meta meta;
    private final Origins origins;
    private final ChangeLog log;
    private final Catalog catalog;
    private final RowStore rows;
    /** Where the parts of own change sets are until these are said anew. */
    private final PartStore aside;

    Recovery(SqlDatabase db, Meta meta, Origins origins, ChangeLog log, Catalog catalog, RowStore rows) {
        this.db = db;
        this.meta = meta;
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.rows = rows;
        this.aside = new PartStore(db, "_ab_", 2);
    }

    /** What is to be said anew, and what it is said from. */
    static final class Suffix {
        private final Origin old;
        private final long after;
        private final List<EncodedChangeSet> changeSets;
        private final Map<RowName, RowLives<String, Value>> before = new HashMap<>();

        private Suffix(Origin old, long after, List<EncodedChangeSet> changeSets) {
            this.old = old;
            this.after = after;
            this.changeSets = changeSets;
        }

        boolean isEmpty() {
            return changeSets.isEmpty();
        }

        /** Returns the name that everybody gives to a branch of a history that forked. */
        Origin branchName() {
            return Branches.name(old, changeSets.get(0).hash());
        }
    }

    private record RowName(String table, Key key) {}

    /**
     * Returns the last own change set that is in both histories: the longest common prefix of the two chains.
     *
     * @param tail what the peer holds beyond a snapshot, of any origin
     * @param inSnapshot the peer's head of this origin in that snapshot
     * @param known what peers are known to hold
     */
    long commonPrefix(Origin self, List<EncodedChangeSet> tail, Head inSnapshot, List<Heads> known) {
        long common = Math.min(inSnapshot.seq(), origins.head(self).seq());
        Hash128 mineThen = hash(self, inSnapshot.seq());
        boolean parted =
                mineThen == null ? inSnapshot.seq() > origins.head(self).seq() : !mineThen.equals(inSnapshot.hash());
        if (parted) {
            // Where exactly is in no log any more: not before what others were known to have taken.
            return Math.min(common, Math.max(origins.floor(self), acknowledged(self, known)));
        }
        for (EncodedChangeSet changeSet : tail) {
            if (changeSet.header().origin().equals(self) && changeSet.header().seq() > common) {
                Hash128 mine = hash(self, changeSet.header().seq());
                if (mine == null || !mine.equals(changeSet.hash())) {
                    return common;
                }
                common = changeSet.header().seq();
            }
        }
        return common;
    }

    private long acknowledged(Origin self, List<Heads> known) {
        long last = 0;
        for (Heads heads : known) {
            Head head = heads.get(self);
            last = head.hash().equals(hash(self, head.seq())) ? Math.max(last, head.seq()) : last;
        }
        return last;
    }

    private @Nullable Hash128 hash(Origin origin, long seq) {
        Head head = origins.head(origin);
        return head.seq() == seq ? head.hash() : log.hash(origin, seq);
    }

    /** Takes aside what this file wrote beyond {@code after}, and the rows as they are. Null if the log lacks some of it. */
    @Nullable
    Suffix takeAside(Origin self, long after) {
        List<EncodedChangeSet> changeSets = new ArrayList<>();
        for (long seq = after + 1; seq <= origins.head(self).seq(); seq++) {
            EncodedChangeSet changeSet = log.find(new Dot(self, seq));
            if (changeSet == null) {
                return null;
            }
            changeSets.add(changeSet);
        }
        Suffix suffix = new Suffix(self, after, changeSets);
        for (EncodedChangeSet changeSet : changeSets) {
            log.forEachOp(changeSet, op -> noteBefore(suffix, op));
        }
        log.parts().moveTo(aside, self, after);
        return suffix;
    }

    private void noteBefore(Suffix suffix, TableOp op) {
        EnrolledTable table = op instanceof TableOp.Change change ? catalog.find(change.table()) : null;
        if (table != null) {
            TableOp.Change change = (TableOp.Change) op;
            Key key = Key.of(change.key());
            suffix.before.computeIfAbsent(
                    new RowName(change.table(), key),
                    name -> rows.resolved(
                            table, key, rows.loadWithImage(table, key, false).lives()));
        }
    }

    /** Forgets everything that was ever taken in, but not what tables there are nor what they show. */
    Map<Long, List<Key>> clear() {
        Map<Long, List<Key>> shown = new HashMap<>();
        for (EnrolledTable table : catalog.all()) {
            List<Key> keys = rows.keys(table);
            keys.forEach(key -> rows.save(table, key, RowLives.none(), null));
            shown.put(table.id(), keys);
        }
        db.execute("DELETE FROM _ab_dead");
        db.execute("DELETE FROM _ab_mark");
        log.clear();
        db.execute("UPDATE _ab_origin SET seq = 0, hash = zeroblob(16), seen = 0, floor = 0");
        origins.forget();
        meta.put("sum", Hash128.ZERO.bytes());
        rows.forget();
        return shown;
    }

    /**
     * Says anew, as {@code fresh}, what was taken aside. Where another holder of this branch went on otherwise under that name, the rest is a
     * branch of its own, with the name that follows from that one.
     *
     * @param others what the dots of other origins are called there
     * @param apply takes each change set into the file
     */
    void reissue(Suffix suffix, Origin fresh, UnaryOperator<Dot> others, Consumer<EncodedChangeSet> apply) {
        Map<RowName, Reissue<String, Value>> byRow = new HashMap<>();
        Naming naming = new Naming(suffix.old, suffix.after, fresh, others);
        for (EncodedChangeSet changeSet : suffix.changeSets) {
            if (isTaken(naming.dot(changeSet)) && !isSaid(changeSet, naming.dot(changeSet))) {
                naming = naming.branch(changeSet);
                origins.markMine(naming.fresh);
                origins.forgetSeen(); // The first under a name tells all that it had seen.
            }
            if (isTaken(naming.dot(changeSet))) {
                continue; // Another holder of this branch has said it anew.
            }
            reissue(suffix, naming, changeSet, byRow, apply);
        }
        aside.clear();
    }

    private boolean isTaken(Dot dot) {
        return dot.seq() <= origins.head(dot.origin()).seq();
    }

    /**
     * Returns whether what has a name is this change set, said anew by another holder of it. The first of a branch is, by its
     * name. Of others it tells when they were written and what they write; that, in the log alone.
     */
    private boolean isSaid(EncodedChangeSet changeSet, Dot dot) {
        EncodedChangeSet said = log.find(dot);
        if (dot.seq() == 1 || said == null) {
            return true;
        }
        if (said.header().stamp() != changeSet.header().stamp()) {
            return false;
        }
        if (said.isInParts() || changeSet.isInParts()) {
            return true; // Too large to be looked at at once.
        }
        Map<RowName, RowOp<String, Value>> written = new HashMap<>();
        changes(changeSet, (row, op) -> written.put(row, op));
        boolean[] isSame = {true};
        changes(said, (row, op) -> isSame[0] &= written.containsKey(row) && isSame(written.get(row), op));
        return isSame[0];
    }

    private static void changes(EncodedChangeSet changeSet, BiConsumer<RowName, RowOp<String, Value>> each) {
        for (TableOp op : ChangeSetCodec.ops(changeSet)) {
            if (op instanceof TableOp.Change change) {
                each.accept(new RowName(change.table(), Key.of(change.key())), change.op());
            }
        }
    }

    /** An edit may have become an insert; else what is said anew differs in the dots that it names. */
    private static boolean isSame(RowOp<String, Value> one, RowOp<String, Value> again) {
        if (!one.getClass().equals(again.getClass())) {
            return one instanceof RowOp.Edit && again instanceof RowOp.Insert;
        }
        SortedMap<String, CellOp<Value>> cells = RowStore.cells(one);
        SortedMap<String, CellOp<Value>> cellsAgain = RowStore.cells(again);
        if (cellsAgain.isEmpty()) {
            return true; // It is in the life that an edit before it began.
        }
        for (Map.Entry<String, CellOp<Value>> cell : cells.entrySet()) {
            CellOp<Value> there = cellsAgain.get(cell.getKey());
            boolean isSame = cell.getValue() instanceof CellOp.Put<Value> put
                    ? there instanceof CellOp.Put<Value> other && put.value().equals(other.value())
                    : cell.getValue() instanceof CellOp.Add<Value>
                            ? cell.getValue().equals(there)
                            : there != null;
            if (!isSame) {
                return false;
            }
        }
        return true;
    }

    /** What is said anew is called: of {@code old}, what follows {@code after} is {@code fresh} from 1 on. */
    private record Naming(Origin old, long after, Origin fresh, UnaryOperator<Dot> others) {
        Dot dot(EncodedChangeSet changeSet) {
            return new Dot(fresh, changeSet.header().seq() - after);
        }

        Dot rename(Dot dot) {
            return dot.origin().equals(old) && dot.seq() > after
                    ? new Dot(fresh, dot.seq() - after)
                    : others.apply(dot);
        }

        /** Returns what is to be said from a change set on, where the name was taken for something else. */
        Naming branch(EncodedChangeSet first) {
            return new Naming(old, first.header().seq() - 1, Branches.name(fresh, first.hash()), this::rename);
        }
    }

    private void reissue(
            Suffix suffix,
            Naming naming,
            EncodedChangeSet changeSet,
            Map<RowName, Reissue<String, Value>> byRow,
            Consumer<EncodedChangeSet> apply) {
        Origin fresh = naming.fresh;
        Head head = origins.head(fresh);
        ChangeSetHeader header = new ChangeSetHeader(
                fresh, head.seq() + 1, head.hash(), changeSet.header().stamp(), origins.news(fresh));
        ChangeSetWriter writer =
                new ChangeSetWriter(header, BodyLimits.DEFAULT, log.parts().writing(header.dot()));
        ChangeSetReader reader = new ChangeSetReader(changeSet, aside.of(changeSet));
        for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
            for (TableOp op : ops) {
                TableOp again = op instanceof TableOp.Change change ? reissue(suffix, naming, change, byRow) : op;
                if (again != null) {
                    writer.add(again);
                }
            }
        }
        apply.accept(writer.finish());
        origins.markSeen();
    }

    private TableOp.@Nullable Change reissue(
            Suffix suffix, Naming naming, TableOp.Change change, Map<RowName, Reissue<String, Value>> byRow) {
        EnrolledTable table = catalog.find(change.table());
        Key key = Key.of(change.key());
        RowName name = new RowName(change.table(), key);
        RowLives<String, Value> before = suffix.before.getOrDefault(name, RowLives.none());
        // Nothing is said yet where a name turns out to be taken, so a row has one naming.
        Reissue<String, Value> row = byRow.computeIfAbsent(
                name, n -> new Reissue<>(naming.old, naming.after, naming.fresh, before, naming.others));
        RowLives<String, Value> now = table == null ? RowLives.none() : rows.load(table, key, null);
        RowOp<String, Value> again = row.reissue(change.op(), now);
        if (again == null) {
            LOG.warn("an edit of row {} of {} is lost: it was deleted elsewhere, and deletes win", key, change.table());
            return null;
        }
        return new TableOp.Change(change.table(), change.key(), again, change.understood());
    }
}
