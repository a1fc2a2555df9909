// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Heads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What every replica of a space has seen, as far as that is known here: what was hidden within it nobody can edit any more,
 * so it may be forgotten where no relay announces a purge vector. Confined to one connection.
 *
 * <p>For each member that is, of all that it ever said it had seen, what it said when it had written nothing that is lacking here.
 * That second half matters: a member that has seen a delete may have edited the row before it did, and the edit may still be
 * on its way. Every change set says what its writer had seen, and is here when it says so, so the log passes this on through any
 * topology; what a member says of itself when it asks counts too. Nothing is concluded from silence.
 *
 * <p>Who is a member cannot be told from change sets, since one that never wrote may do so yet: the application says so.
 */
final class MatrixCut {
    private static final String MEMBERS = "members";

    private final Components parts;

    MatrixCut(Components parts) {
        this.parts = parts;
    }

    /** Says who all the replicas of the space are. An empty set takes it back: then nothing is concluded any more. */
    void setMembers(Set<Origin> members) {
        VersionVector names = VersionVector.EMPTY;
        for (Origin member : members) {
            names = names.with(member, 1);
        }
        parts.meta.put(MEMBERS, names);
        parts.origins.keepSeenOf(members);
    }

    Set<Origin> members() {
        return new TreeSet<>(parts.meta.getVector(MEMBERS).entries().keySet());
    }

    /** Returns what all members have seen; nothing if nobody has said who they are. */
    VersionVector covered() {
        Set<Origin> members = members();
        VersionVector covered =
                members.isEmpty() ? VersionVector.EMPTY : parts.origins.heads().vector();
        Map<Origin, Heads> said = parts.peers.ofMembers();
        for (Origin member : members) {
            covered = parts.origins.isMine(member) ? covered : covered.intersection(seenBy(member, said));
        }
        return covered;
    }

    /** Returns the members that are not known to have seen all of {@code needed}. */
    List<Origin> lagging(VersionVector needed) {
        List<Origin> lagging = new ArrayList<>();
        Map<Origin, Heads> said = parts.peers.ofMembers();
        for (Origin member : members()) {
            if (!parts.origins.isMine(member) && !seenBy(member, said).dominates(needed)) {
                lagging.add(member);
            }
        }
        return lagging;
    }

    private VersionVector seenBy(Origin member, Map<Origin, Heads> said) {
        long last = parts.origins.head(member).seq();
        VersionVector seen = parts.log.context(member, last + 1, parts.origins.seenOf(member));
        Heads own = said.get(member);
        if (own != null && own.get(member).seq() <= last) {
            seen = seen.union(own.vector());
        }
        return seen;
    }

    /** Returns whether others cannot tell from this replica's change sets that it has seen all of {@code needed}. */
    boolean isUnsaid(VersionVector needed) {
        Origin self = parts.self();
        long next = parts.origins.head(self).seq() + 1;
        return !members().isEmpty()
                && !parts.log
                        .context(self, next, parts.meta.getVector("context"))
                        .dominates(needed);
    }
}
