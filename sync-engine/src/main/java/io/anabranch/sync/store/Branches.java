// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the histories of other origins part between this file and a peer, and under which names the peer holds what this file
 * holds beyond that. The files that wrote a branch say it anew under a name that follows from the old name and the hash of the
 * branch's first change set; so everybody who holds the branch can tell whether a peer has it, and what its dots are called there.
 * Pure but for the file that it asks. Confined to one connection.
 */
final class Branches {
    /** From the first change set of a branch on: what its origin and seqs are called by the peer. */
    private record Renamed(long from, Origin name, long first) {}

    /** What a file holds. */
    interface Held {
        /** Returns the origin under which it writes. */
        Origin self();

        Heads heads();

        /** Returns up to where change sets of an origin are in no log any more. */
        long floor(Origin origin);

        /** Returns the hash of a change set in the log; null if it is not there. */
        @Nullable
        Hash128 hash(Origin origin, long seq);
    }

    private final Held held;
    private final Heads mine;
    private final Heads theirs;
    private final Map<Origin, Renamed> renamed = new HashMap<>();
    private final List<Origin> lacking = new ArrayList<>();
    private boolean isForked;

    private Branches(Held held, Heads theirs) {
        this.held = held;
        this.mine = held.heads();
        this.theirs = theirs;
    }

    /**
     * Compares with what a peer delivered.
     *
     * @param inSnapshot the heads of its snapshot
     * @param tail what it holds beyond that
     */
    static Branches between(Held held, Heads inSnapshot, List<EncodedChangeSet> tail) {
        TreeMap<Origin, Head> ends = new TreeMap<>(inSnapshot.entries());
        Map<Origin, List<EncodedChangeSet>> byOrigin = new HashMap<>();
        for (EncodedChangeSet changeSet : tail) {
            ends.put(changeSet.header().origin(), changeSet.head());
            byOrigin.computeIfAbsent(changeSet.header().origin(), origin -> new ArrayList<>())
                    .add(changeSet);
        }
        Branches branches = new Branches(held, Heads.of(ends));
        byOrigin.forEach(branches::findFork);
        Origin self = held.self();
        branches.mine.entries().keySet().stream()
                .filter(origin -> !origin.equals(self))
                .forEach(branches::find);
        return branches;
    }

    static Held of(Components parts) {
        return new Held() {
            @Override
            public Origin self() {
                return parts.self();
            }

            @Override
            public Heads heads() {
                return parts.origins.heads();
            }

            @Override
            public long floor(Origin origin) {
                return parts.origins.floor(origin);
            }

            @Override
            public @Nullable Hash128 hash(Origin origin, long seq) {
                return parts.log.hash(origin, seq);
            }
        };
    }

    /**
     * Returns whether somebody who holds {@code peer} may have the branch that is held here of a history that forked, under the
     * branch's own name. Costs O(change sets of that origin in the log).
     */
    static boolean mayHave(Held held, Origin forked, Heads peer) {
        long last = held.heads().get(forked).seq();
        for (long seq = held.floor(forked) + 1; seq <= last; seq++) {
            Hash128 hash = held.hash(forked, seq);
            if (hash != null && peer.get(name(forked, hash)).seq() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Returns the name that every holder gives to a branch which begins with a change set of this hash. */
    static Origin name(Origin old, Hash128 first) {
        Hash128 hash = Hash128.of(old.bytes(), first.bytes());
        return Origin.of(hash.high(), hash.low());
    }

    /** Finds out whether the peer's history is another one, and whether this file has that under the name of a branch. */
    private void findFork(Origin origin, List<EncodedChangeSet> delivered) {
        for (EncodedChangeSet changeSet : delivered) {
            long seq = changeSet.header().seq();
            Hash128 own = hash(origin, seq);
            if (own != null && !own.equals(changeSet.hash())) {
                isForked |= !origin.equals(held.self());
                Origin branch = name(origin, changeSet.hash());
                long length = mine.get(branch).seq();
                if (length > 0 && theirs.get(origin).seq() >= seq - 1 + length) {
                    renamed.put(branch, new Renamed(1, origin, seq));
                }
                if (!origin.equals(held.self())) {
                    findBranch(origin, seq, own);
                }
                return;
            }
        }
    }

    /** Finds what the peer lacks of an origin, other than by a fork. */
    private void find(Origin origin) {
        long known = theirs.get(origin).seq();
        if (mine.get(origin).seq() > known && !renamed.containsKey(origin) && !lacking.contains(origin)) {
            Hash128 own = hash(origin, known + 1);
            if (own == null) {
                lacking.add(origin);
            } else {
                findBranch(origin, known + 1, own);
            }
        }
    }

    private void findBranch(Origin origin, long from, Hash128 first) {
        Origin branch = name(origin, first);
        if (theirs.get(branch).seq() >= mine.get(origin).seq() - from + 1) {
            renamed.put(origin, new Renamed(from, branch, 1));
        } else {
            lacking.add(origin);
        }
    }

    private @Nullable Hash128 hash(Origin origin, long seq) {
        Head head = mine.get(origin);
        return head.seq() == seq ? head.hash() : held.hash(origin, seq);
    }

    // ---- What was found

    /** Returns whether the peer holds another history of an origin that is not this file's own. */
    boolean isForked() {
        return isForked;
    }

    /**
     * Returns why the file cannot begin anew from all that the peer holds; null if it can.
     *
     * @param common the last own change set that is in both histories
     */
    @Nullable
    String whyNot(long common) {
        if (!isForkOf(common) && !isForked && mine.get(held.self()).seq() > common) {
            return "what the peer delivered continues this file's own history";
        }
        return lacking.isEmpty()
                ? null
                : "the peer lacks change sets of others that this file holds, of " + lacking
                        + "; those who wrote them have to begin anew first";
    }

    /** Returns whether the peer holds another history of this file's own origin beyond what is common. */
    boolean isForkOf(long common) {
        return theirs.get(held.self()).seq() > common;
    }

    /** Returns what the peer need not be given, since it has it under other names. */
    VersionVector known() {
        VersionVector known = VersionVector.EMPTY;
        for (Origin origin : renamed.keySet()) {
            known = known.with(origin, mine.get(origin).seq());
        }
        return known;
    }

    /** Returns what the peer calls a dot. */
    Dot rename(Dot dot) {
        Renamed branch = renamed.get(dot.origin());
        return branch == null || dot.seq() < branch.from
                ? dot
                : new Dot(branch.name, dot.seq() - branch.from + branch.first);
    }
}
