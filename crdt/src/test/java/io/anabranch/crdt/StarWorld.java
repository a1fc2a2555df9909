// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A relay (replica 0) and two replicas of one row, which write, exchange, cut logs, purge, and are backed up, restored and
 * cloned; the shipped merge code, purge by vector, fence and recovery. Mutable: a history is played from the start.
 */
final class StarWorld {
    static final int REPLICAS = 3;
    /** The clocks are far apart on purpose. */
    private static final long[] CLOCKS = {100, 150, 50};

    /** The rules under test, each of which can be broken. */
    record Rules(DeletePolicy policy, Fence fence, boolean detectsForks) {
        static Rules shipped(DeletePolicy policy) {
            return new Rules(policy, Fence.BY_CONTEXT, true);
        }
    }

    enum Fence {
        BY_CONTEXT,
        BY_VECTOR,
        NONE
    }

    private record Entry(int number, RowOp<String, String> op, VersionVector context) {}

    private static final class Replica {
        private Origin origin = RowHistory.origin(0);
        private RowLives<String, String> row = RowLives.none();
        private VersionVector vector = VersionVector.EMPTY;
        private VersionVector floor = VersionVector.EMPTY;
        private VersionVector purged = VersionVector.EMPTY;
        /** By what all here was held that the relay does not hold. */
        private VersionVector fence = VersionVector.EMPTY;
        /** What this replica held when anything last touched the row. */
        private VersionVector touched = VersionVector.EMPTY;

        private List<Entry> log = new ArrayList<>();
        /** What came last of each group of change sets that were brought at once: others take them at once too. */
        private Set<Dot> groups = new HashSet<>();
        /** By origin: what each of its change sets says, whatever name it goes by. Stands for the chain of hashes. */
        private Map<Origin, List<Integer>> chains = new TreeMap<>();

        Replica copy() {
            Replica copy = new Replica();
            copy.take(this);
            return copy;
        }

        void take(Replica other) {
            origin = other.origin;
            row = other.row;
            vector = other.vector;
            floor = other.floor;
            purged = other.purged;
            fence = other.fence;
            touched = other.touched;
            log = new ArrayList<>(other.log);
            groups = new HashSet<>(other.groups);
            takeChains(other);
        }

        void takeChains(Replica other) {
            chains = new TreeMap<>();
            other.chains.forEach((by, chain) -> chains.put(by, new ArrayList<>(chain)));
        }

        List<Integer> chain(Origin by) {
            return chains.computeIfAbsent(by, o -> new ArrayList<>());
        }

        void apply(Entry entry) {
            Dot dot = entry.op.dot();
            if (!vector.dominates(entry.context) || vector.get(dot.origin()) + 1 != dot.seq()) {
                throw new AssertionError("an effect before its cause: " + entry);
            }
            row = row.apply(entry.op);
            skip(entry);
        }

        /** Takes a change set without anything in it. */
        void skip(Entry entry) {
            Dot dot = entry.op.dot();
            vector = vector.with(dot.origin(), dot.seq());
            log.add(entry);
            chain(dot.origin()).add(entry.number);
            touched = vector;
        }
    }

    private final Rules rules;
    private final List<Replica> replicas = new ArrayList<>();
    private final Map<Integer, Replica> backups = new HashMap<>();

    private int written;
    private int origins;

    StarWorld(Rules rules) {
        this.rules = rules;
        for (int i = 0; i < REPLICAS; i++) {
            Replica replica = new Replica();
            replica.origin = RowHistory.origin(origins++);
            replicas.add(replica);
        }
    }

    // ---- Steps: each returns false if there is nothing to do

    boolean write(int i, RowCells.Write write) {
        Replica self = replicas.get(i);
        if (self.row.isShown() == (write == RowCells.Write.INSERT)) {
            return false;
        }
        Dot dot = next(self);
        long stamp = CLOCKS[i] + ++written;
        String value = "v" + written;
        RowOp<String, String> op = switch (write) {
            case INSERT -> self.row.insert(dot, stamp, rules.policy, RowCells.first(value));
            case DELETE -> self.row.delete(dot);
            default -> self.row.edit(dot, stamp, RowCells.of(write, self.origin, value));
        };
        self.apply(new Entry(written, op, self.vector));
        self.groups.add(dot);
        return true;
    }

    boolean pull(int i, int from, int limit) {
        boolean rebased = meet(i, from);
        // What was settled is given at once.
        int most = rebased ? Integer.MAX_VALUE : limit;
        return pullNow(replicas.get(i), replicas.get(from), most) || rebased;
    }

    boolean join(int i, int from) {
        boolean rebased = meet(i, from);
        Replica self = replicas.get(i);
        Replica other = replicas.get(from);
        if (self.vector.dominates(other.vector)) {
            return rebased;
        }
        joinNow(self, other);
        return true;
    }

    boolean cut(int i) {
        Replica self = replicas.get(i);
        if (self.log.isEmpty()) {
            return false;
        }
        self.floor = self.vector;
        self.log.clear();
        return true;
    }

    boolean purge(int i) {
        Replica self = replicas.get(i);
        if (i == 0) {
            self.purged = self.vector;
        }
        List<Life<String, String>> alive = new ArrayList<>(self.row.lives());
        boolean any = alive.removeIf(life -> !life.isAlive());
        if (!any || !self.purged.dominates(self.touched)) {
            return false;
        }
        self.row = RowLives.of(alive);
        return true;
    }

    boolean backUp(int i) {
        backups.put(i, replicas.get(i).copy());
        return true;
    }

    boolean restore(int i) {
        Replica backup = backups.get(i);
        if (backup != null) {
            replicas.get(i).take(backup);
        }
        return backup != null;
    }

    boolean cloneOnto(int i, int other) {
        replicas.get(other).take(replicas.get(i));
        return true;
    }

    // ---- Exchange

    private boolean meet(int i, int from) {
        int client = i == 0 ? from : i;
        return recover(replicas.get(client), replicas.get(0));
    }

    private static boolean pullNow(Replica self, Replica other, int limit) {
        if (!self.vector.dominates(other.floor)) {
            joinNow(self, other);
            return true;
        }
        int pulled = 0;
        boolean within = false;
        boolean isAll = true;
        for (Entry entry : List.copyOf(other.log)) {
            if (!self.vector.contains(entry.op.dot())) {
                if (pulled < limit || within) {
                    self.apply(entry);
                    pulled++;
                    within = !other.groups.contains(entry.op.dot());
                } else {
                    isAll = false;
                }
            }
        }
        if (pulled > 0) {
            self.groups.add(self.log.get(self.log.size() - 1).op.dot());
        }
        if (isAll) {
            self.purged = self.purged.union(other.purged.intersection(self.vector));
        }
        return pulled > 0;
    }

    private static void joinNow(Replica self, Replica other) {
        self.row = self.row.join(other.row, self.vector, other.vector);
        VersionVector before = self.vector;
        self.vector = before.union(other.vector);
        for (VersionVector.Range range : self.vector.minus(before)) {
            self.floor = self.floor.with(range.origin(), range.last());
            self.log.removeIf(entry -> entry.op.dot().origin().equals(range.origin()));
            self.chains.put(range.origin(), new ArrayList<>(other.chain(range.origin())));
        }
        self.touched = self.vector;
        self.purged = self.purged.union(other.purged.intersection(self.vector));
    }

    // ---- Recovery

    private boolean recover(Replica self, Replica relay) {
        Origin old = self.origin;
        List<Integer> mine = self.chain(old);
        List<Integer> known = relay.chain(old);
        int common = 0;
        while (common < mine.size() && common < known.size() && mine.get(common).equals(known.get(common))) {
            common++;
        }
        boolean forked = rules.detectsForks && known.size() > common;
        List<Entry> suffix = new ArrayList<>();
        for (Entry entry : self.log) {
            if (entry.op.dot().origin().equals(old) && entry.op.dot().seq() > common) {
                suffix.add(entry);
            }
        }
        if (!forked) {
            return isFenced(self, suffix, relay.purged) && settle(self, relay);
        }
        if (suffix.size() != mine.size() - common) {
            throw new AssertionError("own change sets that nobody else holds are gone from the log");
        }
        RowLives<String, String> before = self.row;
        self.row = relay.row;
        self.vector = relay.vector;
        self.floor = relay.vector;
        self.purged = relay.purged;
        self.fence = relay.purged;
        self.touched = relay.vector;
        self.log = new ArrayList<>();
        self.takeChains(relay);
        self.origin = RowHistory.origin(origins++);
        Reissue<String, String> reissue = new Reissue<>(old, common, self.origin, before);
        suffix.forEach(entry -> reissue(self, reissue, entry));
        return true;
    }

    /** Takes all that the relay holds, and lets a row that is dead there begin a new life. */
    private boolean settle(Replica self, Replica relay) {
        pullNow(self, relay, Integer.MAX_VALUE);
        self.fence = relay.purged;
        LateEdits<String, String> late = new LateEdits<>(self.row, relay.row, relay.vector);
        if (late.isAny()) {
            RowOp<String, String> begin = late.begin(next(self));
            if (begin != null) {
                self.apply(new Entry(++written, begin, self.vector));
            }
            self.apply(new Entry(++written, late.end(next(self)), self.vector));
        }
        return true;
    }

    private static Dot next(Replica self) {
        return new Dot(self.origin, self.vector.get(self.origin) + 1);
    }

    private boolean isFenced(Replica self, List<Entry> suffix, VersionVector purged) {
        if (self.fence.dominates(purged)) {
            return false;
        }
        switch (rules.fence) {
            case NONE:
                return false;
            case BY_VECTOR:
                return !suffix.isEmpty() && !self.vector.dominates(purged);
            default:
                return suffix.stream().anyMatch(entry -> !entry.context.dominates(purged));
        }
    }

    private static void reissue(Replica self, Reissue<String, String> reissue, Entry entry) {
        RowOp<String, String> again = reissue.reissue(entry.op, self.row);
        if (again == null) { // Lost to a delete, and told in the list of conflicts; its place in the chain stays.
            Dot dot = reissue.rename(entry.op.dot());
            self.skip(new Entry(entry.number, new RowOp.Delete<>(dot, new TreeSet<>()), self.vector));
        } else {
            self.apply(new Entry(entry.number, again, self.vector));
        }
    }

    // ---- What must hold

    RowCells.View view(int i) {
        return RowCells.View.of(replicas.get(i).row);
    }

    /** Exchanges until all hold all. Returns what is wrong then, null if nothing is. */
    @Nullable
    String fault() {
        // Everything that is still somewhere at this moment must be everywhere in the end.
        Set<Integer> lost = new HashSet<>();
        replicas.forEach(replica -> replica.chains.values().forEach(lost::addAll));
        for (int round = 0; round < REPLICAS + 3; round++) {
            for (int i = 1; i < REPLICAS; i++) {
                pull(0, i, Integer.MAX_VALUE);
                pull(i, 0, Integer.MAX_VALUE);
            }
        }
        replicas.get(0).chains.values().forEach(lost::removeAll);
        if (!lost.isEmpty()) {
            return "lost " + lost;
        }
        RowCells.View shown = RowCells.View.of(replicas.get(0).row);
        for (Replica replica : replicas) {
            if (!replica.vector.equals(replicas.get(0).vector)) {
                return "vectors differ";
            }
            if (!RowCells.View.of(replica.row).equals(shown)) {
                return shown + " at the relay, " + RowCells.View.of(replica.row) + " elsewhere";
            }
        }
        return null;
    }
}
