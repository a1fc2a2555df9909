// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a peer answers, after it took what the request brought.
 *
 * @param peer who answers; for a relay, a name it gave itself
 * @param epoch changes when the peer may have lost what it once acknowledged
 * @param timeMillis the peer's clock, in milliseconds since 1970
 * @param baseUnknown the request's base means nothing to the peer: send all heads. Nothing else is then filled in
 * @param sum over the peer's heads
 * @param changes from the request's heads to the peer's
 * @param knownOfYou the peer's head for the request's origin
 * @param changeSets that the request's heads lack, in causal order
 * @param more whether the peer has more of them
 * @param waiting what the peer has of change sets that the request's heads hold and whose parts are still coming to it
 * @param parts of these change sets, or of what the request said its sender waits for; in order
 * @param aside what is said beside change sets
 */
public record SyncReply(
        Origin peer,
        Hash128 epoch,
        long timeMillis,
        boolean baseUnknown,
        Hash128 sum,
        SortedMap<Origin, Head> changes,
        Head knownOfYou,
        List<EncodedChangeSet> changeSets,
        boolean more,
        List<PartsHeld> waiting,
        List<Part> parts,
        Aside aside) {
    public SyncReply {
        changes = new TreeMap<>(changes);
        changeSets = List.copyOf(changeSets);
        waiting = List.copyOf(waiting);
        parts = List.copyOf(parts);
    }

    /** One that says nothing beside. */
    public SyncReply(
            Origin peer,
            Hash128 epoch,
            long timeMillis,
            boolean baseUnknown,
            Hash128 sum,
            SortedMap<Origin, Head> changes,
            Head knownOfYou,
            List<EncodedChangeSet> changeSets,
            boolean more,
            List<PartsHeld> waiting,
            List<Part> parts) {
        this(
                peer,
                epoch,
                timeMillis,
                baseUnknown,
                sum,
                changes,
                knownOfYou,
                changeSets,
                more,
                waiting,
                parts,
                Aside.NOTHING);
    }

    /** One without parts. */
    public SyncReply(
            Origin peer,
            Hash128 epoch,
            long timeMillis,
            boolean baseUnknown,
            Hash128 sum,
            SortedMap<Origin, Head> changes,
            Head knownOfYou,
            List<EncodedChangeSet> changeSets,
            boolean more) {
        this(peer, epoch, timeMillis, baseUnknown, sum, changes, knownOfYou, changeSets, more, List.of(), List.of());
    }
}
