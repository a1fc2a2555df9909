// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replicas of one row, the operations that reached them, and how they merge. Immutable, and equal to every world that
 * came to the same by another way.
 */
record RowWorld(Rules rules, List<Replica> replicas, RowHistory history) {
    /** The clocks of the replicas are far apart on purpose. */
    private static final long[] CLOCKS = {100, 150, 50};

    /** The merge rules under test; a broken variant overrides one. */
    interface Rules {
        DeletePolicy policy();

        /** What writers may do. A few kinds at a time, since every one more multiplies the histories. */
        default List<RowCells.Write> writes() {
            return List.of(RowCells.Write.INSERT, RowCells.Write.PUT, RowCells.Write.ADD, RowCells.Write.DELETE);
        }

        default RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            return row.apply(op);
        }

        default RowLives<String, String> join(
                RowLives<String, String> mine,
                RowLives<String, String> theirs,
                VersionVector here,
                VersionVector there) {
            return mine.join(theirs, here, there);
        }
    }

    record Replica(RowLives<String, String> row, VersionVector vector) {}

    static RowWorld of(int replicas, Rules rules) {
        List<Replica> all = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            all.add(new Replica(RowLives.none(), VersionVector.EMPTY));
        }
        return new RowWorld(rules, all, RowHistory.EMPTY);
    }

    /** Returns null if a writer that sees this row cannot do that. */
    @Nullable
    RowWorld write(int replica, RowCells.Write write) {
        Replica self = replicas.get(replica);
        if (self.row.isShown() == (write == RowCells.Write.INSERT)) {
            return null;
        }
        Origin origin = RowHistory.origin(replica);
        long seq = self.vector.get(origin) + 1;
        Dot dot = new Dot(origin, seq);
        long stamp = CLOCKS[replica] + seq;
        String value = (char) ('A' + replica) + "" + seq;
        RowOp<String, String> op;
        try {
            op = switch (write) {
                case INSERT -> self.row.insert(dot, stamp, rules.policy(), RowCells.first(value));
                case DELETE -> self.row.delete(dot);
                default -> self.row.edit(dot, stamp, RowCells.of(write, origin, value));
            };
        } catch (InsufficientRightsException e) {
            return null;
        }
        Replica next = new Replica(rules.apply(self.row, op), self.vector.with(origin, seq));
        return new RowWorld(rules, replaced(replica, next), history.with(op, self.vector));
    }

    /** Returns this world after a replica pulled operations of another; at most {@code limit}. Null if there are none. */
    @Nullable
    RowWorld pull(int replica, int from, int limit) {
        Replica self = replicas.get(replica);
        RowLives<String, String> row = self.row;
        VersionVector vector = self.vector;
        int pulled = 0;
        for (RowHistory.Entry entry : history.upTo(replicas.get(from).vector).missing(self.vector)) {
            if (pulled++ == limit) {
                break;
            }
            if (!vector.dominates(entry.context())) {
                throw new AssertionError("an effect before its cause: " + entry);
            }
            row = rules.apply(row, entry.op());
            vector = vector.with(entry.op().dot().origin(), entry.op().dot().seq());
        }
        return pulled == 0 ? null : new RowWorld(rules, replaced(replica, new Replica(row, vector)), history);
    }

    /** Returns this world after a replica joined the whole state of another. Null if that has nothing new. */
    @Nullable
    RowWorld join(int replica, int from) {
        Replica self = replicas.get(replica);
        Replica other = replicas.get(from);
        if (self.vector.dominates(other.vector)) {
            return null;
        }
        Replica next = new Replica(
                rules.join(self.row, other.row, self.vector, other.vector), self.vector.union(other.vector));
        return new RowWorld(rules, replaced(replica, next), history);
    }

    /** Returns what is wrong: a replica that shows what it should not, or replicas that differ once all have all. */
    @Nullable
    String fault() {
        for (int i = 0; i < replicas.size(); i++) {
            String fault = faultOf("replica " + i, replicas.get(i));
            if (fault != null) {
                return fault;
            }
        }
        Replica settled = null;
        for (int i = 0; i < replicas.size(); i++) {
            for (boolean joins : new boolean[] {false, true}) {
                Replica all = everything(i, joins);
                String fault = faultOf("replica " + i + " with everything", all);
                if (fault == null && settled != null && !settled.equals(all)) {
                    fault = "two replicas with everything differ: " + settled + " and " + all;
                }
                if (fault != null) {
                    return fault;
                }
                settled = all;
            }
        }
        return null;
    }

    private @Nullable String faultOf(String who, Replica replica) {
        RowCells.View expected = history.upTo(replica.vector).view();
        RowCells.View actual = RowCells.View.of(replica.row);
        return actual.equals(expected) ? null : who + " shows " + actual + ", not " + expected;
    }

    private Replica everything(int replica, boolean joins) {
        RowWorld world = this;
        for (int from = replicas.size() - 1; from >= 0; from--) {
            RowWorld next = joins ? world.join(replica, from) : world.pull(replica, from, Integer.MAX_VALUE);
            world = next == null ? world : next;
        }
        return world.replicas.get(replica);
    }

    private List<Replica> replaced(int index, Replica replica) {
        List<Replica> next = new ArrayList<>(replicas);
        next.set(index, replica);
        return next;
    }
}
