// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What loses when an operation is applied to a row.
 *
 * <p>By definition a value has lost while it does not show, nobody who had seen it wrote that cell or inserted the row, and the life
 * that it was written to is alive. A life that is over for good, as where deletes win, counts as alive if nobody who had seen the value
 * ended it. So a delete decides what it had seen for as long as the row is gone: when an edit keeps the row, which the delete had not
 * seen, it decided nothing, and that depends on no order.
 *
 * <p>What loses is found when it leaves the state of its life, which then knows it no more, or when another life that is alive holds
 * another value. Whoever keeps what is found, for as long as nobody who had seen it writes over it, can tell from it and the row what
 * has lost, whatever the order of arrival. Confined.
 */
public final class RowLosses<K extends Comparable<K>, V extends Comparable<V>> {
    private final RowLives<K, V> before;
    private final RowOp<K, V> op;
    private final RowLives<K, V> after;
    private final BiPredicate<Dot, Dot> hadSeen;
    private final List<LostWrite<K, V>> losses = new ArrayList<>();

    private RowLosses(RowLives<K, V> before, RowOp<K, V> op, RowLives<K, V> after, BiPredicate<Dot, Dot> hadSeen) {
        this.before = before;
        this.op = op;
        this.after = after;
        this.hadSeen = hadSeen;
    }

    /**
     * Returns what loses, or would if a life that shows ended. Equal values may be among them, and such as were returned for an earlier
     * operation. Costs O(cells of the operation), and where several lives are alive O(cells of the row).
     *
     * @param after the row {@code before}, once {@code op} is applied
     * @param hadSeen whether the writer of one change set had seen another. Asked only of rows that had more than one life, or where
     *     deletes win
     */
    public static <K extends Comparable<K>, V extends Comparable<V>> List<LostWrite<K, V>> of(
            RowLives<K, V> before, RowOp<K, V> op, RowLives<K, V> after, BiPredicate<Dot, Dot> hadSeen) {
        RowLosses<K, V> found = new RowLosses<>(before, op, after, hadSeen);
        if (op instanceof RowOp.Insert<K, V> insert) {
            if (!RowLives.isAbsurd(insert.rank())) {
                insert.cells().forEach((key, cell) -> found.write(insert.dot(), key, cell));
            }
        } else if (op instanceof RowOp.Edit<K, V> edit) {
            edit.cells()
                    .forEach((key, cell) -> found.write(edit.touches().get(0).life(), key, cell));
        }
        found.endedForGood();
        found.betweenLives();
        return found.losses;
    }

    /** Of two values of one life the lower leaves its state; and what is written to a life that does not show has lost. */
    private void write(Dot target, K key, CellOp<V> cell) {
        boolean shows = after.shows(target);
        if (cell instanceof CellOp.Replace<V> replace) {
            if (!shows && !RowLives.isAbsurd(replace.rank())) {
                add(key, target, new LwwRegister<>(op.dot(), replace.rank(), replace.value()), after.latest(key));
            }
            return;
        }
        if (!(cell instanceof CellOp.Put<V> put) || RowLives.isAbsurd(put.rank())) {
            return;
        }
        LwwRegister<V> written = new LwwRegister<>(op.dot(), put.rank(), put.value());
        LwwRegister<V> rival = rival(target, key, put);
        if (rival != null && rival.beats(written)) {
            add(key, target, written, rival);
            return;
        }
        if (rival != null && !isWrittenOver(target, key, rival)) {
            add(key, target, rival, written);
        }
        if (!shows) {
            add(key, target, written, after.register(key));
        }
    }

    /** Returns what that life held which the writer of {@code put} had not seen; null if nothing. */
    private @Nullable LwwRegister<V> rival(Dot target, K key, CellOp.Put<V> put) {
        Life<K, V> life = before.life(target);
        LwwRegister<V> known = life == null ? null : life.registers().get(key);
        boolean wasSeen = known == null
                || known.dot().equals(put.replaces())
                || before.lives().size() > 1 && hadSeen.test(op.dot(), known.dot());
        return wasSeen ? null : known;
    }

    /** Where deletes win, a life takes with it what the delete had not seen. */
    private void endedForGood() {
        for (Life<K, V> life : before.lives()) {
            if (after.life(life.id()) == null) {
                life.registers().forEach((key, register) -> {
                    if (!hadSeen.test(op.dot(), register.dot()) && !isWrittenOver(life.id(), key, register)) {
                        add(key, life.id(), register, after.register(key));
                    }
                });
            }
        }
    }

    /** A life that begins, comes back or ends may cover what another holds, or uncover it; so may what is written to one. */
    private void betweenLives() {
        if (after.lives().size() < 2) {
            return;
        }
        Collection<Life<K, V>> alive = new ArrayList<>(after.lives());
        alive.removeIf(life -> !life.isAlive());
        if (alive.size() < 2) {
            return;
        }
        if (op instanceof RowOp.Edit<K, V> edit && !revives(edit)) {
            edit.cells().keySet().forEach(key -> betweenLives(key, after.shown()));
        } else {
            TreeSet<K> keys = new TreeSet<>();
            alive.forEach(life -> keys.addAll(life.registers().keySet()));
            keys.forEach(key -> betweenLives(key, alive));
        }
    }

    private boolean revives(RowOp.Edit<K, V> edit) {
        for (RowOp.Touch touch : edit.touches()) {
            Life<K, V> life = before.life(touch.life());
            if (life != null && !life.isAlive()) {
                return true;
            }
        }
        return false;
    }

    private void betweenLives(K key, Collection<Life<K, V>> lives) {
        LwwRegister<V> shown = after.register(key);
        for (Life<K, V> life : lives) {
            LwwRegister<V> register = life.registers().get(key);
            if (register != null && !register.equals(shown) && !isWrittenOver(life.id(), key, register)) {
                add(key, life.id(), register, shown);
            }
        }
    }

    /** Returns whether somebody who had seen a value of one life wrote its cell in another, or began another. */
    private boolean isWrittenOver(Dot life, K key, LwwRegister<V> register) {
        if (writes(key) && !op.dot().equals(register.dot()) && hadSeen.test(op.dot(), register.dot())) {
            return true;
        }
        return isWrittenOver(before, life, key, register) || isWrittenOver(after, life, key, register);
    }

    private boolean isWrittenOver(RowLives<K, V> row, Dot life, K key, LwwRegister<V> register) {
        for (Life<K, V> other : row.lives()) {
            if (!other.id().equals(life)) {
                LwwRegister<V> there = other.registers().get(key);
                if (hadSeen.test(other.id(), register.dot())
                        || there != null && hadSeen.test(there.dot(), register.dot())) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean writes(K key) {
        return op instanceof RowOp.Insert
                || op instanceof RowOp.Edit<K, V> edit && edit.cells().containsKey(key);
    }

    private void add(K key, Dot life, LwwRegister<V> lost, @Nullable LwwRegister<V> kept) {
        for (LostWrite<K, V> known : losses) {
            if (known.key().equals(key) && known.lost().dot().equals(lost.dot())) {
                return;
            }
        }
        losses.add(new LostWrite<>(key, life, lost, kept));
    }
}
