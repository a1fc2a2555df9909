// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.Codec;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The state of one row: the set of its lives.
 *
 * <p>An insert begins a life, which holds the row's cells. A life is alive while it has a live dot; it <em>shows</em>
 * unless an alive life supersedes it. Several shown lives (concurrent first inserts of one key) combine: registers by
 * rank, extremes by value; counters and rights add up, siblings and sets unite. A delete removes exactly the dots that it names, so an edit that it had not seen keeps the row
 * ({@link DeletePolicy#EDIT_WINS}) with all its columns; under {@link DeletePolicy#DELETE_WINS} edits add no dot.
 *
 * <p>Operations must be applied in an order that respects causality, each once. Then replicas that applied the same
 * operations are equal, whatever the order otherwise. No rule reads a version vector or a clock; only {@link #join} of
 * whole states needs the vectors, to tell "not yet seen" from "removed".
 *
 * <p>State: usually one life. A dead life under EDIT_WINS is kept, hidden, until somebody who knows that nobody can
 * revive it purges it; under DELETE_WINS it is dropped at once. Immutable. Editing costs O(cells of the row).
 *
 * <p>Sources: Bieniusa et al., "An optimized conflict-free replicated set", arXiv:1210.3368, 2012, for the live dots;
 * the composition by superseding lives is our own and was searched exhaustively at small scope.
 *
 * @param <K> what names a cell within the row
 * @param <V> the values of registers
 */
public final class RowLives<K extends Comparable<K>, V extends Comparable<V>> {
    private static final RowLives<?, ?> NONE = new RowLives<>(new TreeMap<>());

    /** Sorted by the dot of the insert. */
    private final SortedMap<Dot, Life<K, V>> lives;

    private RowLives(SortedMap<Dot, Life<K, V>> lives) {
        this.lives = lives;
    }

    /** Returns the state of a row that never was. */
    @SuppressWarnings("unchecked") // Holds nothing of either type.
    public static <K extends Comparable<K>, V extends Comparable<V>> RowLives<K, V> none() {
        return (RowLives<K, V>) NONE;
    }

    public static <K extends Comparable<K>, V extends Comparable<V>> RowLives<K, V> of(Collection<Life<K, V>> lives) {
        TreeMap<Dot, Life<K, V>> byId = new TreeMap<>();
        for (Life<K, V> life : lives) {
            byId.put(life.id(), life);
        }
        return byId.isEmpty() ? none() : new RowLives<>(byId);
    }

    public static <K extends Comparable<K>, V extends Comparable<V>> Codec<RowLives<K, V>> codec(
            Codec<K> keys, Codec<V> values) {
        return new RowLivesCodec<>(keys, values);
    }

    /** Returns whether a rank is so near overflow that it is void, for everyone alike. */
    public static boolean isAbsurd(long rank) {
        return rank < 0 || rank >= HybridTime.ABSURD_RANK;
    }

    // ---- Writing: what an operation would name, given this state

    /** Returns the insert that a writer who sees this state makes. It supersedes every life known here. */
    public RowOp.Insert<K, V> insert(Dot dot, long stamp, DeletePolicy policy, Map<K, CellWrite<V>> writes) {
        SortedMap<K, CellOp<V>> cells = new RowWriter<K, V>(none(), dot, stamp).ops(writes);
        if (cells == null) {
            throw new AssertionError("a new life has a rank for every write");
        }
        return new RowOp.Insert<>(dot, stamp, policy, new TreeSet<>(lives.keySet()), cells);
    }

    /**
     * Returns the edit that a writer who sees this state makes, or null if no rank is left above what it would replace;
     * then only a new life can take the write.
     *
     * @throws IllegalStateException if nothing shows here
     * @throws InsufficientRightsException if it takes or gives more of a bounded counter than the writer has rights to
     */
    public RowOp.@Nullable Edit<K, V> edit(Dot dot, long stamp, Map<K, CellWrite<V>> writes) {
        List<RowOp.Touch> touches = new ArrayList<>();
        for (Life<K, V> life : shown()) {
            touches.add(new RowOp.Touch(life.id(), life.live()));
        }
        if (touches.isEmpty()) {
            throw new IllegalStateException("no life shows; only an insert can write here");
        }
        SortedMap<K, CellOp<V>> cells = new RowWriter<>(this, dot, stamp).ops(writes);
        return cells == null ? null : new RowOp.Edit<>(dot, touches, cells);
    }

    /** Returns the delete that a writer who sees this state makes: it ends all lives, those that do not show too. */
    public RowOp.Delete<K, V> delete(Dot dot) {
        TreeSet<Dot> seen = new TreeSet<>();
        lives.values().forEach(life -> seen.addAll(life.live()));
        return new RowOp.Delete<>(dot, seen);
    }

    // ---- Merging

    /** Returns this row after {@code op}. Never fails; what cannot have an effect has none. */
    public RowLives<K, V> apply(RowOp<K, V> op) {
        TreeMap<Dot, Life<K, V>> next = new TreeMap<>(lives);
        if (op instanceof RowOp.Insert<K, V> insert) {
            begin(next, insert);
        } else if (op instanceof RowOp.Edit<K, V> edit) {
            change(next, edit);
        } else if (op instanceof RowOp.Delete<K, V> delete) {
            next.replaceAll((id, life) -> life.without(delete.removes()));
        }
        next.values().removeIf(Life::isForgotten);
        return new RowLives<>(next);
    }

    private static <K extends Comparable<K>, V extends Comparable<V>> void begin(
            SortedMap<Dot, Life<K, V>> lives, RowOp.Insert<K, V> insert) {
        if (isAbsurd(insert.rank())) {
            return;
        }
        TreeSet<Dot> live = new TreeSet<>(List.of(insert.dot()));
        Life<K, V> life = new Life<K, V>(
                insert.dot(),
                insert.rank(),
                insert.policy(),
                live,
                insert.supersedes(),
                new TreeMap<>(),
                new TreeMap<>());
        lives.put(insert.dot(), life.apply(insert.dot(), true, insert.cells()));
    }

    /** An edit of a life that is gone writes nothing, but the dots it names still end: others saw them replaced. */
    private static <K extends Comparable<K>, V extends Comparable<V>> void change(
            SortedMap<Dot, Life<K, V>> lives, RowOp.Edit<K, V> edit) {
        boolean first = true;
        for (RowOp.Touch touch : edit.touches()) {
            Life<K, V> life = lives.get(touch.life());
            if (life != null) {
                if (life.policy() == DeletePolicy.EDIT_WINS) {
                    TreeSet<Dot> live = new TreeSet<>(life.live());
                    live.removeAll(touch.replaces());
                    live.add(edit.dot());
                    life = life.withLive(live);
                }
                lives.put(touch.life(), life.apply(edit.dot(), first, edit.cells()));
            }
            first = false;
        }
    }

    /**
     * Returns the state of a replica that has applied all that {@code here} and {@code there} include, where this is the
     * state at {@code here} and {@code other} the state at {@code there}.
     *
     * <p>A dot that only one side has is new to the other if the other's vector lacks it, and was removed there if not.
     */
    public RowLives<K, V> join(RowLives<K, V> other, VersionVector here, VersionVector there) {
        TreeMap<Dot, Life<K, V>> next = new TreeMap<>();
        lives.forEach((id, mine) -> {
            Life<K, V> theirs = other.lives.get(id);
            SortedSet<Dot> live =
                    joinDots(mine.live(), theirs == null ? Collections.emptySortedSet() : theirs.live(), here, there);
            next.put(id, mine.join(theirs, live, here, there));
        });
        other.lives.forEach((id, theirs) -> {
            if (!lives.containsKey(id)) {
                next.put(id, theirs.withLive(joinDots(Collections.emptySortedSet(), theirs.live(), here, there)));
            }
        });
        next.values().removeIf(Life::isForgotten);
        return new RowLives<>(next);
    }

    /** Keeps what both have, and what one has and the other's vector does not include. */
    static SortedSet<Dot> joinDots(Set<Dot> mine, Set<Dot> theirs, VersionVector here, VersionVector there) {
        TreeSet<Dot> joined = new TreeSet<>();
        for (Dot dot : mine) {
            if (theirs.contains(dot) || !there.contains(dot)) {
                joined.add(dot);
            }
        }
        for (Dot dot : theirs) {
            if (!here.contains(dot)) {
                joined.add(dot);
            }
        }
        return joined;
    }

    // ---- Reading

    /** Returns whether the row exists for a reader. */
    public boolean isShown() {
        return !shown().isEmpty();
    }

    /** Returns the lives that show, oldest dot first. */
    public List<Life<K, V>> shown() {
        List<Life<K, V>> shown = new ArrayList<>(1);
        for (Life<K, V> life : lives.values()) {
            if (life.isAlive() && !isSuperseded(life)) {
                shown.add(life);
            }
        }
        return shown;
    }

    private boolean isSuperseded(Life<K, V> life) {
        if (lives.size() > 1) {
            for (Life<K, V> other : lives.values()) {
                if (other.isAlive() && other.supersedes().contains(life.id())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns the life of that name; null if it is not known, or no longer. */
    public @Nullable Life<K, V> life(Dot id) {
        return lives.get(id);
    }

    /** Returns whether a life is one of those that {@link #shown show}. */
    boolean shows(Dot id) {
        Life<K, V> life = lives.get(id);
        return life != null && life.isAlive() && !isSuperseded(life);
    }

    /** Returns how old the row is: the age of the oldest life that shows; null if none does. */
    public @Nullable Age age() {
        Age oldest = null;
        for (Life<K, V> life : shown()) {
            Age age = new Age(life.rank(), life.id());
            if (oldest == null || age.compareTo(oldest) < 0) {
                oldest = age;
            }
        }
        return oldest;
    }

    /** Returns the register that shows: the highest of the shown lives. Null if none holds one. */
    public @Nullable LwwRegister<V> register(K key) {
        LwwRegister<V> highest = null;
        for (Life<K, V> life : shown()) {
            LwwRegister<V> register = life.registers().get(key);
            if (register != null && (highest == null || register.beats(highest))) {
                highest = register;
            }
        }
        return highest;
    }

    /** Returns the sum over the shown lives. */
    public BigInteger counter(K key) {
        BigInteger sum = BigInteger.ZERO;
        for (Life<K, V> life : shown()) {
            if (life.cell(key, CellKind.COUNTER) instanceof Cell.Count<V> count) {
                sum = sum.add(count.counter().value());
            }
        }
        return sum;
    }

    /** Returns the sum that only rises, over the shown lives. */
    public BigInteger growth(K key) {
        BigInteger sum = BigInteger.ZERO;
        for (Life<K, V> life : shown()) {
            if (life.cell(key, CellKind.GROWTH) instanceof Cell.Growth<V> growth) {
                sum = sum.add(growth.counter().value());
            }
        }
        return sum;
    }

    /** Returns how far a bounded counter stands above its minimum, over the shown lives. */
    public BigInteger aboveMinimum(K key) {
        BigInteger sum = BigInteger.ZERO;
        for (Life<K, V> life : shown()) {
            if (life.cell(key, CellKind.BOUNDED) instanceof Cell.Bounded<V> bounded) {
                sum = sum.add(bounded.counter().value());
            }
        }
        return sum;
    }

    /** Returns who may take how much of a bounded counter, over the shown lives, as far as is known here. */
    public SortedMap<Origin, Long> rights(K key) {
        TreeMap<Origin, Long> rights = new TreeMap<>();
        for (Life<K, V> life : shown()) {
            if (life.cell(key, CellKind.BOUNDED) instanceof Cell.Bounded<V> bounded) {
                bounded.counter()
                        .holders()
                        .forEach((origin, more) -> rights.merge(origin, more, RowLives::addUpToMost));
            }
        }
        return rights;
    }

    /** Adds rights; a sum beyond 64 bits stays at the most there can be. */
    static long addUpToMost(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    /** Returns the highest value of the shown lives; null if none was ever written. */
    public @Nullable V max(K key) {
        V highest = null;
        for (Life<K, V> life : shown()) {
            if (life.cell(key, CellKind.MAX) instanceof Cell.Max<V> max) {
                V value = max.register().value();
                highest = highest == null || value.compareTo(highest) > 0 ? value : highest;
            }
        }
        return highest;
    }

    /** Returns the lowest value of the shown lives; null if none was ever written. */
    public @Nullable V min(K key) {
        V lowest = null;
        for (Life<K, V> life : shown()) {
            if (life.cell(key, CellKind.MIN) instanceof Cell.Min<V> min) {
                V value = min.register().value();
                lowest = lowest == null || value.compareTo(lowest) < 0 ? value : lowest;
            }
        }
        return lowest;
    }

    /** Returns the values of the shown lives that no writer has replaced, by ascending dot. */
    public List<LwwRegister<V>> siblings(K key) {
        TreeMap<Dot, LwwRegister<V>> siblings = new TreeMap<>();
        for (Life<K, V> life : shown()) {
            if (life.cell(key, CellKind.SIBLINGS) instanceof Cell.Siblings<V> here) {
                siblings.putAll(here.writes());
            }
        }
        return new ArrayList<>(siblings.values());
    }

    /** Returns the sibling of the highest (rank, dot), null if there are none. */
    public @Nullable LwwRegister<V> latest(K key) {
        LwwRegister<V> latest = null;
        for (LwwRegister<V> sibling : siblings(key)) {
            latest = latest == null ? sibling : latest.merge(sibling);
        }
        return latest;
    }

    /** Returns the elements of the shown lives, in order, each with its live dots. */
    public SortedMap<V, SortedSet<Dot>> elements(K key) {
        TreeMap<V, SortedSet<Dot>> elements = new TreeMap<>();
        for (Life<K, V> life : shown()) {
            if (life.cell(key, CellKind.SET) instanceof Cell.Elements<V> here) {
                here.dots().forEach((element, dots) -> elements.merge(element, dots, RowLives::union));
            }
        }
        return elements;
    }

    private static SortedSet<Dot> union(SortedSet<Dot> a, SortedSet<Dot> b) {
        TreeSet<Dot> union = new TreeSet<>(a);
        union.addAll(b);
        return union;
    }

    /** Returns all lives, shown or not, sorted by the dot of their insert. */
    public Collection<Life<K, V>> lives() {
        return Collections.unmodifiableCollection(lives.values());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RowLives<?, ?> that && lives.equals(that.lives);
    }

    @Override
    public int hashCode() {
        return lives.hashCode();
    }

    @Override
    public String toString() {
        return lives.values().toString();
    }
}
