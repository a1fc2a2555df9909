// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A relay (node 0) that lets others forget, and replicas of one row that exchange with it and with each other: the shipped merge
 * code, and the rules of who may give what to whom. All begin with the row. Mutable: a history is played from the start.
 */
final class FenceWorld {
    static final int NODES = 4;

    /**
     * The rules under test, each of which can be broken.
     *
     * @param ofOthersToo the fence holds for whatever is brought, not for what its writer brings alone
     * @param begunAnew rows that were kept alive and that others have forgotten begin a new life
     * @param askedToo who is asked gives nothing either to somebody who goes by more, until it has held it against that
     * @param waitsForAll a purge vector is taken over only once all is here that the peer held
     */
    record Rules(boolean ofOthersToo, boolean begunAnew, boolean askedToo, boolean waitsForAll) {
        static final Rules WANTED = new Rules(true, true, true, true);
    }

    private record Entry(Dot dot, RowOp<String, String> op, VersionVector context) {}

    private static final class Node {
        private final Origin self;
        private RowLives<String, String> row = RowLives.none();
        private VersionVector vector = VersionVector.EMPTY;
        /** By what everything here was held that no relay is known to hold. */
        private VersionVector fence = VersionVector.EMPTY;
        /** By what hidden lives may be dropped. */
        private VersionVector purged = VersionVector.EMPTY;
        /** What this node held when anything last touched the row. */
        private VersionVector touched = VersionVector.EMPTY;
        /** Whether anything came from a replica that the relay was not known to hold, since it was known to hold all. */
        private boolean hasHearsay;
        /** What the relay is known to hold. */
        private VersionVector relayed = VersionVector.EMPTY;

        private final List<Entry> log = new ArrayList<>();
        /** What came last of each group of change sets that were brought at once: others take them at once too. */
        private final List<Dot> groups = new ArrayList<>();
        /** The row before what is in the log; null if that is not known. */
        private @Nullable RowLives<String, String> before = RowLives.none();
        /** What is in no log here. */
        private VersionVector floor = VersionVector.EMPTY;

        Node(Origin self) {
            this.self = self;
        }

        void apply(Entry entry) {
            if (!vector.dominates(entry.context) || vector.get(entry.dot.origin()) + 1 != entry.dot.seq()) {
                throw new AssertionError("an effect before its cause: " + entry);
            }
            row = row.apply(entry.op);
            vector = vector.with(entry.dot.origin(), entry.dot.seq());
            log.add(entry);
            touched = vector;
        }

        /** Takes a snapshot of another. */
        void join(Node other) {
            if (!vector.dominates(other.vector)) {
                row = row.join(other.row, vector, other.vector);
                floor = floor.union(other.vector);
                log.removeIf(entry -> floor.contains(entry.dot));
                vector = vector.union(other.vector);
                touched = vector;
                before = log.isEmpty() ? row : null;
            }
        }

        /** Returns the row as it was by a fence, and the lives that began since, as far as the log tells. */
        RowLives<String, String> rowBy(VersionVector bound) {
            RowLives<String, String> there = before;
            if (there == null) {
                return row;
            }
            for (Entry entry : log) {
                if (bound.contains(entry.dot) || entry.op instanceof RowOp.Insert) {
                    there = there.apply(entry.op);
                }
            }
            return there;
        }
    }

    private final Rules rules;
    private final List<Node> nodes = new ArrayList<>();
    /** What the relay held when it noted that last. */
    private VersionVector marked = VersionVector.EMPTY;

    private int written;
    private long added;

    FenceWorld(Rules rules) {
        this.rules = rules;
        for (int i = 0; i < NODES; i++) {
            nodes.add(new Node(RowHistory.origin(i)));
        }
        write(0, RowCells.Write.INSERT);
        for (int i = 1; i < NODES; i++) {
            meet(i, 0, Integer.MAX_VALUE);
        }
    }

    private boolean isRelay(Node node) {
        return node == nodes.get(0);
    }

    // ---- Steps: each returns false if there is nothing to do

    boolean write(int i, RowCells.Write write) {
        Node self = nodes.get(i);
        if (self.row.isShown() == (write == RowCells.Write.INSERT)) {
            return false;
        }
        Dot dot = next(self);
        long stamp = ++written;
        String value = "v" + written;
        RowOp<String, String> op = switch (write) {
            case INSERT -> self.row.insert(dot, stamp, DeletePolicy.EDIT_WINS, RowCells.first(value));
            case DELETE -> self.row.delete(dot);
            default -> self.row.edit(dot, stamp, RowCells.of(write, self.self, value));
        };
        added += write == RowCells.Write.INSERT ? 10 : write == RowCells.Write.ADD ? 1 : 0;
        self.apply(new Entry(dot, op, self.vector));
        self.groups.add(dot);
        return true;
    }

    /** The relay notes what it holds. */
    boolean mark() {
        boolean any = !marked.equals(nodes.get(0).vector);
        marked = nodes.get(0).vector;
        return any;
    }

    /** The relay takes nothing more of who has not seen all that it held when it noted that. */
    boolean announce() {
        Node relay = nodes.get(0);
        boolean any = !relay.fence.equals(marked);
        relay.fence = marked;
        return any;
    }

    /** The relay lets others forget what it fences by. */
    boolean forget() {
        Node relay = nodes.get(0);
        boolean any = !relay.purged.equals(relay.fence);
        relay.purged = relay.fence;
        return any;
    }

    boolean purge(int i) {
        Node self = nodes.get(i);
        List<Life<String, String>> alive = new ArrayList<>(self.row.lives());
        boolean any = alive.removeIf(life -> !life.isAlive());
        if (!any || !self.purged.dominates(self.touched)) {
            return false;
        }
        self.row = RowLives.of(alive);
        return true;
    }

    boolean cut(int i) {
        Node self = nodes.get(i);
        boolean any = !self.log.isEmpty();
        self.log.clear();
        self.before = self.row;
        self.floor = self.vector;
        return any;
    }

    /** A node asks another: each gives the other what it may, the other at most so much of it. */
    boolean meet(int i, int j, int limit) {
        Node self = nodes.get(i);
        Node peer = nodes.get(j);
        boolean moved = hold(self, peer);
        moved |= give(self, peer, Integer.MAX_VALUE);
        boolean gives = isRelay(peer) || !rules.askedToo;
        if (!gives) {
            moved |= hold(peer, self);
            gives = true;
        }
        moved |= give(peer, self, limit);
        if (isRelay(peer)) {
            self.relayed = self.relayed.union(peer.vector);
            self.hasHearsay &= !self.relayed.dominates(self.vector);
        }
        if (passes(self, peer)) {
            rise(self, peer);
        }
        if (self.fence.dominates(peer.purged) && (!rules.waitsForAll || self.vector.dominates(peer.vector))) {
            self.purged = self.purged.union(peer.purged.intersection(self.vector));
        }
        return moved;
    }

    // ---- Holding against a fence

    /** Holds what a node has and another lacks against what the other fences by. */
    private boolean hold(Node self, Node peer) {
        if (self.fence.dominates(peer.fence)) {
            return false;
        }
        boolean settles = !passes(self, peer);
        if (settles) {
            settle(self, peer);
        }
        rise(self, peer);
        return settles;
    }

    private static void rise(Node self, Node peer) {
        if (self.vector.dominates(peer.fence)) {
            self.fence = self.fence.union(peer.fence);
        }
    }

    private boolean passes(Node self, Node peer) {
        VersionVector shared = self.relayed.union(peer.vector);
        if (shared.dominates(self.vector)) {
            return true;
        }
        if (self.hasHearsay && rules.ofOthersToo) {
            return false; // Whoever wrote that, or wrote on top of it, may not have seen what the peer fences by.
        }
        Dot first = new Dot(self.self, shared.get(self.self) + 1);
        return !self.vector.contains(first)
                || self.log.stream().anyMatch(entry -> entry.dot.equals(first) && entry.context.dominates(peer.fence));
    }

    /** Takes all that the peer holds, and lets rows that the peer knows dead begin a new life. */
    private void settle(Node self, Node peer) {
        RowLives<String, String> there = peer.rowBy(peer.fence);
        VersionVector theirs = peer.vector;
        give(peer, self, Integer.MAX_VALUE);
        LateEdits<String, String> late = new LateEdits<>(self.row, there, theirs);
        if (late.isAny() && rules.begunAnew) {
            RowOp<String, String> begin = late.begin(next(self));
            if (begin != null) {
                self.apply(new Entry(begin.dot(), begin, self.vector));
            }
            RowOp<String, String> end = late.end(next(self));
            self.apply(new Entry(end.dot(), end, self.vector));
        }
    }

    private static Dot next(Node self) {
        return new Dot(self.self, self.vector.get(self.self) + 1);
    }

    private boolean give(Node from, Node to, int limit) {
        to.hasHearsay |=
                !isRelay(from) && !isRelay(to) && !to.relayed.union(to.vector).dominates(from.vector);
        if (!to.vector.dominates(from.floor)) {
            to.join(from);
            return true;
        }
        int given = 0;
        boolean within = false;
        for (Entry entry : List.copyOf(from.log)) {
            if ((given < limit || within) && !to.vector.contains(entry.dot)) {
                to.apply(entry);
                given++;
                within = !from.groups.contains(entry.dot);
            }
        }
        if (given > 0) {
            to.groups.add(to.log.get(to.log.size() - 1).dot);
        }
        return given > 0;
    }

    // ---- What must hold

    /** Lets all meet the relay until nothing moves any more. Returns what is wrong then, null if nothing is. */
    @Nullable
    String fault() {
        VersionVector all = VersionVector.EMPTY;
        for (Node node : nodes) {
            all = all.union(node.vector);
        }
        for (int round = 0; round < 2 * NODES; round++) {
            for (int i = 1; i < NODES; i++) {
                meet(i, 0, Integer.MAX_VALUE);
            }
        }
        Node relay = nodes.get(0);
        if (!relay.vector.dominates(all)) {
            return "lost " + all.intersection(relay.vector);
        }
        RowCells.View shown = RowCells.View.of(relay.row);
        for (Node node : nodes) {
            if (!node.vector.equals(relay.vector)) {
                return "vectors differ";
            }
            if (!RowCells.View.of(node.row).equals(shown)) {
                return shown + " at the relay, " + RowCells.View.of(node.row) + " elsewhere";
            }
        }
        for (Life<String, String> life : relay.row.shown()) {
            BigInteger counted = RowLives.of(List.of(RowImage.shown(life))).counter("n");
            if (counted.compareTo(BigInteger.valueOf(added)) > 0) {
                return "counted " + counted + " of " + added;
            }
        }
        return null;
    }
}
