// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one life keeps of the operations of one kind on one cell. Registers are not among them: they are nearly all cells of
 * nearly all rows, so a {@link Life} keeps them apart. Immutable.
 *
 * <p>Each kind rests on the type of the same rule that stands alone. Those that remove something need no causal context of
 * their own here: operations come in causal order, and whole rows join with their version vectors.
 */
public sealed interface Cell<V extends Comparable<V>> {
    CellKind kind();

    /** Returns the cell that holds what both hold, which are states of one cell in one life. */
    Cell<V> join(Cell<V> other, VersionVector here, VersionVector there);

    /** Returns whether this is as if nothing had been written. */
    boolean isEmpty();

    /** Calls {@code each} with every origin named here, some more than once. */
    void forEachOrigin(Consumer<Origin> each);

    /**
     * Returns a cell after an operation, null if nothing is left in it.
     *
     * @param life of the cell
     * @param isTarget whether the operation writes here; if not, only what it names is taken away
     */
    static <V extends Comparable<V>> @Nullable Cell<V> apply(
            @Nullable Cell<V> before, Dot dot, Dot life, boolean isTarget, CellOp<V> op) {
        Cell<V> after = before;
        if (op instanceof CellOp.Trade<V> trade) {
            RightsChange change = trade.byLife().get(life);
            after = change == null ? before : Bounded.of(before).with(dot.origin(), change);
        } else if (op instanceof CellOp.Replace<V> replace) {
            after = Siblings.of(before).with(dot, isTarget, replace);
        } else if (op instanceof CellOp.Change<V> change) {
            after = Elements.of(before).with(dot, isTarget, change);
        } else if (isTarget) {
            after = rise(before, dot, op);
        }
        return after == null || after.isEmpty() ? null : after;
    }

    /** Returns what is left of a cell that another replica, which has seen {@code seen}, does not have. */
    static <V extends Comparable<V>> @Nullable Cell<V> joinMissing(@Nullable Cell<V> cell, VersionVector seen) {
        if (cell instanceof Siblings<V> siblings) {
            return siblings.join(new Siblings<>(new TreeMap<>()), VersionVector.EMPTY, seen);
        }
        if (cell instanceof Elements<V> elements) {
            return elements.join(new Elements<>(new TreeMap<V, SortedSet<Dot>>()), VersionVector.EMPTY, seen);
        }
        return cell;
    }

    /** Kinds whose state only ever rises. */
    private static <V extends Comparable<V>> @Nullable Cell<V> rise(@Nullable Cell<V> before, Dot dot, CellOp<V> op) {
        if (op instanceof CellOp.Add<V> add) {
            return Count.of(before).with(dot.origin(), add.amount());
        }
        if (op instanceof CellOp.Grow<V> grow) {
            return Growth.of(before).with(dot.origin(), grow.amount());
        }
        if (op instanceof CellOp.Raise<V> raise) {
            MaxRegister<V> raised = new MaxRegister<>(dot, raise.value());
            return new Max<>(before instanceof Max<V> max ? max.register.merge(raised) : raised);
        }
        if (op instanceof CellOp.Lower<V> lower) {
            MinRegister<V> lowered = new MinRegister<>(dot, lower.value());
            return new Min<>(before instanceof Min<V> min ? min.register.merge(lowered) : lowered);
        }
        throw new AssertionError("a register is no cell: " + op);
    }

    /** A counter. A total that would overflow leaves the operation void: one origin's come in one order everywhere. */
    record Count<V extends Comparable<V>>(PnCounter counter) implements Cell<V> {
        static <V extends Comparable<V>> Count<V> of(@Nullable Cell<V> cell) {
            return cell instanceof Count<V> count ? count : new Count<>(PnCounter.ZERO);
        }

        Count<V> with(Origin origin, long amount) {
            return counter.canAdd(origin, amount) ? new Count<>(counter.add(origin, amount)) : this;
        }

        @Override
        public CellKind kind() {
            return CellKind.COUNTER;
        }

        @Override
        public Cell<V> join(Cell<V> other, VersionVector here, VersionVector there) {
            return new Count<>(counter.merge(((Count<V>) other).counter));
        }

        @Override
        public boolean isEmpty() {
            return counter.equals(PnCounter.ZERO);
        }

        @Override
        public void forEachOrigin(Consumer<Origin> each) {
            counter.tallies().keySet().forEach(each);
        }
    }

    /** A counter that only rises. */
    record Growth<V extends Comparable<V>>(GCounter counter) implements Cell<V> {
        static <V extends Comparable<V>> Growth<V> of(@Nullable Cell<V> cell) {
            return cell instanceof Growth<V> growth ? growth : new Growth<>(GCounter.ZERO);
        }

        Growth<V> with(Origin origin, long amount) {
            boolean isVoid = amount < 0 || amount > Long.MAX_VALUE - counter.total(origin);
            return isVoid ? this : new Growth<>(counter.add(origin, amount));
        }

        @Override
        public CellKind kind() {
            return CellKind.GROWTH;
        }

        @Override
        public Cell<V> join(Cell<V> other, VersionVector here, VersionVector there) {
            return new Growth<>(counter.merge(((Growth<V>) other).counter));
        }

        @Override
        public boolean isEmpty() {
            return counter.equals(GCounter.ZERO);
        }

        @Override
        public void forEachOrigin(Consumer<Origin> each) {
            counter.totals().keySet().forEach(each);
        }
    }

    /** The rights above a minimum, which is the rule's business and counts as 0 here. */
    record Bounded<V extends Comparable<V>>(BoundedCounter counter) implements Cell<V> {
        static <V extends Comparable<V>> Bounded<V> of(@Nullable Cell<V> cell) {
            return cell instanceof Bounded<V> bounded ? bounded : new Bounded<>(BoundedCounter.atLeast(0));
        }

        Bounded<V> with(Origin origin, RightsChange change) {
            return new Bounded<>(counter.record(origin, change));
        }

        @Override
        public CellKind kind() {
            return CellKind.BOUNDED;
        }

        @Override
        public Cell<V> join(Cell<V> other, VersionVector here, VersionVector there) {
            return new Bounded<>(counter.merge(((Bounded<V>) other).counter));
        }

        @Override
        public boolean isEmpty() {
            return counter.accounts().isEmpty();
        }

        @Override
        public void forEachOrigin(Consumer<Origin> each) {
            counter.accounts().forEach((origin, account) -> {
                each.accept(origin);
                account.given().keySet().forEach(each);
            });
        }
    }

    /** A maximum. */
    record Max<V extends Comparable<V>>(MaxRegister<V> register) implements Cell<V> {
        @Override
        public CellKind kind() {
            return CellKind.MAX;
        }

        @Override
        public Cell<V> join(Cell<V> other, VersionVector here, VersionVector there) {
            return new Max<>(register.merge(((Max<V>) other).register));
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public void forEachOrigin(Consumer<Origin> each) {
            each.accept(register.dot().origin());
        }
    }

    /** A minimum. */
    record Min<V extends Comparable<V>>(MinRegister<V> register) implements Cell<V> {
        @Override
        public CellKind kind() {
            return CellKind.MIN;
        }

        @Override
        public Cell<V> join(Cell<V> other, VersionVector here, VersionVector there) {
            return new Min<>(register.merge(((Min<V>) other).register));
        }

        @Override
        public boolean isEmpty() {
            return false;
        }

        @Override
        public void forEachOrigin(Consumer<Origin> each) {
            each.accept(register.dot().origin());
        }
    }

    /** Values that no writer has replaced, by dot. */
    record Siblings<V extends Comparable<V>>(SortedMap<Dot, LwwRegister<V>> writes) implements Cell<V> {
        static <V extends Comparable<V>> Siblings<V> of(@Nullable Cell<V> cell) {
            return cell instanceof Siblings<V> siblings ? siblings : new Siblings<>(new TreeMap<>());
        }

        Siblings<V> with(Dot dot, boolean isTarget, CellOp.Replace<V> op) {
            if (RowLives.isAbsurd(op.rank())) {
                return this;
            }
            TreeMap<Dot, LwwRegister<V>> next = new TreeMap<>(writes);
            next.keySet().removeAll(op.replaces());
            if (isTarget) {
                next.put(dot, new LwwRegister<>(dot, op.rank(), op.value()));
            }
            return new Siblings<>(next);
        }

        @Override
        public CellKind kind() {
            return CellKind.SIBLINGS;
        }

        @Override
        public Cell<V> join(Cell<V> other, VersionVector here, VersionVector there) {
            SortedMap<Dot, LwwRegister<V>> theirs = ((Siblings<V>) other).writes;
            TreeMap<Dot, LwwRegister<V>> next = new TreeMap<>(writes);
            next.putAll(theirs);
            next.keySet().retainAll(RowLives.joinDots(writes.keySet(), theirs.keySet(), here, there));
            return new Siblings<>(next);
        }

        @Override
        public boolean isEmpty() {
            return writes.isEmpty();
        }

        @Override
        public void forEachOrigin(Consumer<Origin> each) {
            writes.keySet().forEach(dot -> each.accept(dot.origin()));
        }
    }

    /** A set's elements, each with its live dots; none without. */
    record Elements<V extends Comparable<V>>(SortedMap<V, SortedSet<Dot>> dots) implements Cell<V> {
        static <V extends Comparable<V>> Elements<V> of(@Nullable Cell<V> cell) {
            return cell instanceof Elements<V> elements ? elements : new Elements<>(new TreeMap<V, SortedSet<Dot>>());
        }

        Elements<V> with(Dot dot, boolean isTarget, CellOp.Change<V> op) {
            TreeMap<V, SortedSet<Dot>> next = new TreeMap<>(dots);
            op.removes()
                    .forEach((element, seen) -> next.computeIfPresent(element, (e, live) -> {
                        TreeSet<Dot> left = new TreeSet<>(live);
                        left.removeAll(seen);
                        return left.isEmpty() ? null : left;
                    }));
            if (isTarget) {
                for (V element : op.adds()) {
                    TreeSet<Dot> live = new TreeSet<>(next.getOrDefault(element, new TreeSet<>()));
                    live.add(dot);
                    next.put(element, live);
                }
            }
            return new Elements<>(next);
        }

        @Override
        public CellKind kind() {
            return CellKind.SET;
        }

        @Override
        public Cell<V> join(Cell<V> other, VersionVector here, VersionVector there) {
            SortedMap<V, SortedSet<Dot>> theirs = ((Elements<V>) other).dots;
            TreeSet<V> all = new TreeSet<>(dots.keySet());
            all.addAll(theirs.keySet());
            TreeMap<V, SortedSet<Dot>> next = new TreeMap<>();
            for (V element : all) {
                SortedSet<Dot> live = RowLives.joinDots(
                        dots.getOrDefault(element, new TreeSet<>()),
                        theirs.getOrDefault(element, new TreeSet<>()),
                        here,
                        there);
                if (!live.isEmpty()) {
                    next.put(element, live);
                }
            }
            return new Elements<>(next);
        }

        @Override
        public boolean isEmpty() {
            return dots.isEmpty();
        }

        @Override
        public void forEachOrigin(Consumer<Origin> each) {
            dots.values().forEach(live -> live.forEach(dot -> each.accept(dot.origin())));
        }
    }
}
