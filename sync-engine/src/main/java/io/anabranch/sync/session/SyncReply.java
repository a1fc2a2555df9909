// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
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
        boolean more) {
    public SyncReply {
        changes = new TreeMap<>(changes);
        changeSets = List.copyOf(changeSets);
    }
}
