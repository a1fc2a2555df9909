// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Says anew, under another origin, what one origin wrote to a row beyond the last change set that others took under the old
 * name. For a replica that has to begin anew from a peer's state: it was rolled back, or its history forked.
 *
 * <p>Dots of the old name are renamed wherever an operation names one; ranks and amounts stay. An edit of a life that is dead
 * or unknown in the state to begin from becomes, where edits win, a new life with all that the old one held at the end, so
 * that what the same writer did to it later is in it already; where deletes win it is lost.
 *
 * <p>Confined to one thread; one for each row. The operations come in the order in which they were written.
 */
public final class Reissue<K extends Comparable<K>, V extends Comparable<V>> {
    private final Origin old;
    private final long after;
    private final Origin fresh;
    private final RowLives<K, V> before;
    private final UnaryOperator<Dot> others;
    /** By the old name: lives that were begun anew, and the dots of what began them. */
    private final Map<Dot, Dot> reborn = new HashMap<>();

    /**
     * @param after the last seq that keeps its name: the one beyond it becomes the first of {@code fresh}
     * @param before the row as it was, with everything that is said anew
     */
    public Reissue(Origin old, long after, Origin fresh, RowLives<K, V> before) {
        this(old, after, fresh, before, dot -> dot);
    }

    /** @param others what the dots of other origins are called from now on */
    public Reissue(Origin old, long after, Origin fresh, RowLives<K, V> before, UnaryOperator<Dot> others) {
        this.old = old;
        this.after = after;
        this.fresh = fresh;
        this.before = before;
        this.others = others;
    }

    /** Returns the name that a dot has from now on. */
    public Dot rename(Dot dot) {
        return dot.origin().equals(old) && dot.seq() > after ? new Dot(fresh, dot.seq() - after) : others.apply(dot);
    }

    /**
     * Returns the operation that says {@code op} anew.
     *
     * @param now the row as it is at this point of what is said anew
     * @return null if the edit is lost, because deletes win
     */
    public @Nullable RowOp<K, V> reissue(RowOp<K, V> op, RowLives<K, V> now) {
        if (op instanceof RowOp.Insert<K, V> insert) {
            return new RowOp.Insert<>(
                    rename(op.dot()),
                    insert.rank(),
                    insert.policy(),
                    lives(insert.supersedes()),
                    cells(insert.cells()));
        }
        if (op instanceof RowOp.Delete<K, V> delete) {
            return new RowOp.Delete<>(rename(op.dot()), dots(delete.removes()));
        }
        return reissueEdit((RowOp.Edit<K, V>) op, now);
    }

    private @Nullable RowOp<K, V> reissueEdit(RowOp.Edit<K, V> edit, RowLives<K, V> now) {
        boolean isInImage = reborn.containsKey(edit.touches().get(0).life());
        List<RowOp.Touch> touches = new ArrayList<>();
        List<Dot> gone = new ArrayList<>();
        for (RowOp.Touch touch : edit.touches()) {
            if (isAlive(life(touch.life()), now)) {
                touches.add(new RowOp.Touch(life(touch.life()), dots(touch.replaces())));
            } else {
                gone.add(touch.life()); // To touch it would bring it back where its body was kept, and only there.
            }
        }
        Dot target = edit.touches().get(0).life();
        if (!gone.contains(target)) {
            return new RowOp.Edit<>(rename(edit.dot()), touches, isInImage ? new TreeMap<>() : cells(edit.cells()));
        }
        RowLives<K, V> image = image(gone);
        DeletePolicy policy = policy(image.lives().isEmpty() ? now : image);
        if (policy == DeletePolicy.DELETE_WINS) {
            return null;
        }
        Dot dot = rename(edit.dot());
        gone.forEach(life -> reborn.put(life, dot));
        SortedMap<K, CellOp<V>> cells = image.lives().isEmpty() ? cells(edit.cells()) : RowImage.of(image);
        return new RowOp.Insert<>(dot, RowImage.rank(cells), policy, new TreeSet<>(), cells);
    }

    /** Returns what these lives held at the end, as if all of them showed. */
    private RowLives<K, V> image(List<Dot> gone) {
        List<Life<K, V>> lives = new ArrayList<>();
        for (Life<K, V> life : before.lives()) {
            if (gone.contains(life.id())) {
                lives.add(RowImage.shown(life));
            }
        }
        return RowLives.of(lives);
    }

    /** A delete-wins life leaves nothing behind, so where nothing is known of it that is what it was. */
    private static DeletePolicy policy(RowLives<?, ?> now) {
        return now.lives().isEmpty()
                ? DeletePolicy.DELETE_WINS
                : now.lives().iterator().next().policy();
    }

    private static boolean isAlive(Dot id, RowLives<?, ?> row) {
        for (Life<?, ?> life : row.lives()) {
            if (life.id().equals(id)) {
                return life.isAlive();
            }
        }
        return false;
    }

    // ---- Names

    private Dot life(Dot id) {
        Dot again = reborn.get(id);
        return again == null ? rename(id) : again;
    }

    private SortedSet<Dot> lives(SortedSet<Dot> ids) {
        TreeSet<Dot> renamed = new TreeSet<>();
        ids.forEach(id -> renamed.add(life(id)));
        return renamed;
    }

    private SortedSet<Dot> dots(SortedSet<Dot> named) {
        TreeSet<Dot> renamed = new TreeSet<>();
        named.forEach(dot -> renamed.add(rename(dot)));
        return renamed;
    }

    private SortedMap<K, CellOp<V>> cells(SortedMap<K, CellOp<V>> ops) {
        TreeMap<K, CellOp<V>> renamed = new TreeMap<>();
        ops.forEach((key, op) -> renamed.put(key, cell(op)));
        return renamed;
    }

    private CellOp<V> cell(CellOp<V> op) {
        if (op instanceof CellOp.Put<V> put) {
            Dot replaces = put.replaces();
            return new CellOp.Put<>(put.rank(), put.value(), replaces == null ? null : rename(replaces));
        }
        if (op instanceof CellOp.Replace<V> replace) {
            return new CellOp.Replace<>(replace.rank(), replace.value(), dots(replace.replaces()));
        }
        if (op instanceof CellOp.Change<V> change) {
            TreeMap<V, SortedSet<Dot>> removes = new TreeMap<>();
            change.removes().forEach((element, seen) -> removes.put(element, dots(seen)));
            return new CellOp.Change<>(change.adds(), removes);
        }
        if (op instanceof CellOp.Trade<V> trade) {
            TreeMap<Dot, RightsChange> byLife = new TreeMap<>();
            trade.byLife().forEach((id, change) -> byLife.put(life(id), change));
            return new CellOp.Trade<>(byLife);
        }
        return op;
    }
}
