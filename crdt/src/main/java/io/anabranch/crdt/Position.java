// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a sequence; between any two there is room for another. Immutable.
 *
 * <p>Places form a tree, and a place is its path from the root. A step names a run, the side of the place before it on
 * which the run hangs, and an index within the run. A run belongs to the origin that began it, which alone extends it,
 * at either end. What hangs on the left of a place comes before it, on the right after it, and in either case before the
 * rest of the run. So what one replica inserts in one go, forwards or backwards, stays together.
 *
 * <p>Source: Weidner and Kleppmann, "The Art of the Fugue: Minimizing Interleaving in Collaborative Text Editing",
 * arXiv:2305.00583, 2023, for the sides; runs keep paths short.
 */
record Position(List<Step> steps) implements Comparable<Position> {
    record Step(boolean right, Dot run, long index) {}

    /**
     * Returns a place between two neighbours, either of which may be absent.
     *
     * @param run a new dot of {@code self}, in case a new run is needed
     */
    static Position between(Origin self, @Nullable Position before, @Nullable Position after, Dot run) {
        if (before != null && (after == null || !after.isUnder(before))) {
            boolean last = after == null || !after.continues(before);
            return last && before.isRunOf(self) ? before.shifted(1) : before.child(true, run);
        }
        if (after != null) {
            boolean first = before == null || !before.continues(after);
            return first && after.isRunOf(self) ? after.shifted(-1) : after.child(false, run);
        }
        return new Position(List.of(new Step(true, run, 0)));
    }

    private boolean isUnder(Position ancestor) {
        int depth = ancestor.steps.size();
        return steps.size() > depth && steps.subList(0, depth).equals(ancestor.steps);
    }

    /** Returns whether this lies in the run of {@code other}, or under a place of it. */
    private boolean continues(Position other) {
        int depth = other.steps.size();
        return steps.size() >= depth
                && steps.subList(0, depth - 1).equals(other.steps.subList(0, depth - 1))
                && steps.get(depth - 1).run.equals(other.last().run);
    }

    private boolean isRunOf(Origin origin) {
        return last().run.origin().equals(origin) && Math.abs(last().index) < Long.MAX_VALUE;
    }

    private Step last() {
        return steps.get(steps.size() - 1);
    }

    private Position shifted(int by) {
        List<Step> next = new ArrayList<>(steps);
        next.set(next.size() - 1, new Step(last().right, last().run, last().index + by));
        return new Position(next);
    }

    private Position child(boolean right, Dot run) {
        List<Step> next = new ArrayList<>(steps);
        next.add(new Step(right, run, 0));
        return new Position(next);
    }

    @Override
    public int compareTo(Position other) {
        int common = Math.min(steps.size(), other.steps.size());
        for (int i = 0; i < common; i++) {
            Step mine = steps.get(i);
            Step theirs = other.steps.get(i);
            if (mine.right != theirs.right) {
                return mine.right ? 1 : -1;
            }
            int order = mine.run.compareTo(theirs.run);
            order = order != 0 ? order : Long.compare(mine.index, theirs.index);
            if (order != 0) {
                return order;
            }
        }
        if (steps.size() > common) {
            return steps.get(common).right ? 1 : -1;
        }
        return other.steps.size() > common ? (other.steps.get(common).right ? -1 : 1) : 0;
    }
}
