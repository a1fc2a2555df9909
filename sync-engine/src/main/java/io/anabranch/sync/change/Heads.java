// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A version vector that also says which history it stands for: the head of every origin, sorted by origin. Immutable.
 * Building one costs O(origins), and so do {@link #vector} and {@link #sum}.
 */
public final class Heads {
    public static final Heads NONE = new Heads(new TreeMap<>());

    private final SortedMap<Origin, Head> heads;

    private Heads(SortedMap<Origin, Head> heads) {
        this.heads = heads;
    }

    public static Heads of(Map<Origin, Head> heads) {
        TreeMap<Origin, Head> copy = new TreeMap<>(heads);
        copy.values().removeIf(head -> head.seq() == 0);
        return new Heads(copy);
    }

    /** Returns these heads with those of {@code changes} put in their place; {@link Head#NONE} takes one away. */
    /** Returns of each origin the head that is further. */
    public Heads furthest(Heads other) {
        Heads furthest = this;
        for (Map.Entry<Origin, Head> entry : other.entries().entrySet()) {
            if (entry.getValue().seq() > get(entry.getKey()).seq()) {
                furthest = furthest.with(Map.of(entry.getKey(), entry.getValue()));
            }
        }
        return furthest;
    }

    public Heads with(Map<Origin, Head> changes) {
        if (changes.isEmpty()) {
            return this;
        }
        TreeMap<Origin, Head> next = new TreeMap<>(heads);
        next.putAll(changes);
        return of(next);
    }

    /** Returns what turns {@code base} into these: {@link #with} applied to base gives these again. */
    public SortedMap<Origin, Head> changesFrom(Heads base) {
        TreeMap<Origin, Head> changes = new TreeMap<>();
        heads.forEach((origin, head) -> {
            if (!head.equals(base.heads.get(origin))) {
                changes.put(origin, head);
            }
        });
        for (Origin origin : base.heads.keySet()) {
            if (!heads.containsKey(origin)) {
                changes.put(origin, Head.NONE);
            }
        }
        return changes;
    }

    public Head get(Origin origin) {
        return heads.getOrDefault(origin, Head.NONE);
    }

    public VersionVector vector() {
        TreeMap<Origin, Long> seqs = new TreeMap<>();
        heads.forEach((origin, head) -> seqs.put(origin, head.seq()));
        return VersionVector.of(seqs);
    }

    /** Returns the sum of {@link Head#term} over all. */
    public Hash128 sum() {
        Hash128 sum = Hash128.ZERO;
        for (Map.Entry<Origin, Head> entry : heads.entrySet()) {
            sum = sum.plus(entry.getValue().term(entry.getKey()));
        }
        return sum;
    }

    /** Returns an unmodifiable view, sorted by origin. */
    public SortedMap<Origin, Head> entries() {
        return Collections.unmodifiableSortedMap(heads);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Heads that && heads.equals(that.heads);
    }

    @Override
    public int hashCode() {
        return heads.hashCode();
    }

    @Override
    public String toString() {
        return heads.toString();
    }
}
