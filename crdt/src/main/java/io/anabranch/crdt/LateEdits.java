// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.VersionVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a row that a replica kept alive by edits which come so late that others may have forgotten the life they edit. There
 * they write nothing, and elsewhere they would bring the row back. So whoever holds them lets the row begin another life, with
 * all that it shows, and then ends the one that was kept, in two change sets. The edits keep their names, and whatever else was
 * written with them counts as ever. Immutable.
 */
public final class LateEdits<K extends Comparable<K>, V extends Comparable<V>> {
    private final RowLives<K, V> here;
    private final VersionVector theirs;
    private final TreeSet<Dot> kept = new TreeSet<>();
    private final List<Life<K, V>> image = new ArrayList<>();

    /**
     * Finds the lives that are late: alive here, known to the peer, and dead there. Costs O(cells of the row).
     *
     * @param here the row at this replica, which holds all that the peer holds
     * @param there the row at the peer
     * @param theirs what the peer holds
     */
    public LateEdits(RowLives<K, V> here, RowLives<K, V> there, VersionVector theirs) {
        this.here = here;
        this.theirs = theirs;
        Set<Dot> aliveThere = new TreeSet<>();
        for (Life<K, V> life : there.lives()) {
            if (life.isAlive()) {
                aliveThere.add(life.id());
            }
        }
        List<Life<K, V>> shown = here.shown();
        for (Life<K, V> life : here.lives()) {
            boolean isLate = theirs.contains(life.id()) && !aliveThere.contains(life.id());
            if (isLate && life.isAlive() && life.policy() == DeletePolicy.EDIT_WINS) {
                kept.addAll(life.live());
                if (shown.contains(life)) {
                    image.add(RowImage.shown(life));
                }
            }
        }
    }

    /** Returns the insert of a life that shows what the late ones do; null where the row shows without them. */
    public RowOp.@Nullable Insert<K, V> begin(Dot dot) {
        if (kept.isEmpty() || here.apply(end(dot)).isShown()) {
            return null;
        }
        SortedMap<K, CellOp<V>> cells = RowImage.of(RowLives.of(image));
        TreeSet<Dot> supersedes = new TreeSet<>();
        here.lives().forEach(life -> supersedes.add(life.id()));
        return new RowOp.Insert<>(dot, RowImage.rank(cells), DeletePolicy.EDIT_WINS, supersedes, cells);
    }

    /** Returns the delete that ends the late lives; without effect where there are none. */
    public RowOp.Delete<K, V> end(Dot dot) {
        return new RowOp.Delete<>(dot, kept);
    }

    /**
     * Returns the values that were written late and are lost once the late lives end: where the row shows by another life too. Nothing
     * where it begins a new one.
     */
    public List<LostWrite<K, V>> losses(Dot dot) {
        List<LostWrite<K, V>> losses = new ArrayList<>();
        RowLives<K, V> after = here.apply(end(dot));
        if (after.isShown()) {
            for (Life<K, V> life : image) {
                life.registers().forEach((key, register) -> {
                    if (!theirs.contains(register.dot())) {
                        losses.add(new LostWrite<>(key, null, register, after.register(key)));
                    }
                });
            }
        }
        return losses;
    }

    /** Returns whether there is any. */
    public boolean isAny() {
        return !kept.isEmpty();
    }
}
