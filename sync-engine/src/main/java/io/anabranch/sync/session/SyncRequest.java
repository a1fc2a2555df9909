// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a replica sends: what it holds, and change sets that it believes the peer lacks.
 *
 * @param origin of the sender, and {@code head} its own last change set
 * @param sum over all heads of the sender
 * @param base the sum over the heads that {@code changes} start from; null if they are all heads
 * @param changes from the base to the sender's heads
 * @param maxReplyBytes how many bytes of change sets the reply may carry: one may be larger; 0 if none are wanted
 * @param changeSets in causal order
 * @param waiting what the sender has of change sets whose parts are still coming to it
 * @param parts of these change sets, or of what the peer said it waits for; in order
 * @param aside what is said beside change sets
 */
public record SyncRequest(
        Origin origin,
        Head head,
        Hash128 sum,
        @Nullable Hash128 base,
        SortedMap<Origin, Head> changes,
        long maxReplyBytes,
        List<EncodedChangeSet> changeSets,
        List<PartsHeld> waiting,
        List<Part> parts,
        Aside aside) {
    public SyncRequest {
        changes = new TreeMap<>(changes);
        changeSets = List.copyOf(changeSets);
        waiting = List.copyOf(waiting);
        parts = List.copyOf(parts);
    }

    /** One that says nothing beside. */
    public SyncRequest(
            Origin origin,
            Head head,
            Hash128 sum,
            @Nullable Hash128 base,
            SortedMap<Origin, Head> changes,
            long maxReplyBytes,
            List<EncodedChangeSet> changeSets,
            List<PartsHeld> waiting,
            List<Part> parts) {
        this(origin, head, sum, base, changes, maxReplyBytes, changeSets, waiting, parts, Aside.NOTHING);
    }

    /** One without parts. */
    public SyncRequest(
            Origin origin,
            Head head,
            Hash128 sum,
            @Nullable Hash128 base,
            SortedMap<Origin, Head> changes,
            long maxReplyBytes,
            List<EncodedChangeSet> changeSets) {
        this(origin, head, sum, base, changes, maxReplyBytes, changeSets, List.of(), List.of());
    }

    /** Returns the sender's heads, given those that {@link #base} stands for. */
    Heads heads(Heads baseHeads) {
        return baseHeads.with(changes);
    }
}
