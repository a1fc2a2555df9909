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
 * Confined to one connection.
 */
final class Branches {
    /** From the first change set of a branch on: what its origin and seqs are called by the peer. */
    private record Renamed(long from, Origin name, long first) {}

    private final Components parts;
    private final Heads mine;
    private final Heads theirs;
    private final Map<Origin, Renamed> renamed = new HashMap<>();
    private final List<Origin> lacking = new ArrayList<>();
    private boolean isForked;

    private Branches(Components parts, Heads theirs) {
        this.parts = parts;
        this.mine = parts.origins.heads();
        this.theirs = theirs;
    }

    /**
     * Compares with what a peer delivered.
     *
     * @param inSnapshot the heads of its snapshot
     * @param tail what it holds beyond that
     */
    static Branches between(Components parts, Heads inSnapshot, List<EncodedChangeSet> tail) {
        TreeMap<Origin, Head> ends = new TreeMap<>(inSnapshot.entries());
        Map<Origin, List<EncodedChangeSet>> byOrigin = new HashMap<>();
        for (EncodedChangeSet changeSet : tail) {
            ends.put(changeSet.header().origin(), changeSet.head());
            byOrigin.computeIfAbsent(changeSet.header().origin(), origin -> new ArrayList<>())
                    .add(changeSet);
        }
        Branches branches = new Branches(parts, Heads.of(ends));
        byOrigin.forEach(branches::findFork);
        Origin self = parts.self();
        branches.mine.entries().keySet().stream()
                .filter(origin -> !origin.equals(self))
                .forEach(branches::find);
        return branches;
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
                isForked |= !origin.equals(parts.self());
                Origin branch = name(origin, changeSet.hash());
                long length = mine.get(branch).seq();
                if (length > 0 && theirs.get(origin).seq() >= seq - 1 + length) {
                    renamed.put(branch, new Renamed(1, origin, seq));
                }
                if (!origin.equals(parts.self())) {
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
        return head.seq() == seq ? head.hash() : parts.log.hash(origin, seq);
    }

    // ---- What was found

    /** Returns whether the peer holds another history of an origin that is not this file's own. */
    boolean isForked() {
        return isForked;
    }

    /** Returns the origins of which the peer has not all that this file holds, under whatever name. */
    List<Origin> lacking() {
        return lacking;
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
