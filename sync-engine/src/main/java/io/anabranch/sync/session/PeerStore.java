// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a peer must be able to do: a replica's file, a relay's store. */
public interface PeerStore {
    /** Returns the heads of what is held durably. */
    Heads heads();

    /** Returns what is held of change sets whose parts are still coming. None of it is in the heads. */
    List<PartsHeld> waiting();

    /**
     * Returns what is held and {@code peer} lacks, from the first on, in an order that respects causality.
     *
     * @param peerHolds what the peer has of change sets whose parts are still coming to it; null if that is not known, and then
     *     nothing from the first such change set on
     */
    Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes);

    /** As {@link #missing(VersionVector, List, long)} for a peer that waits for no parts. */
    default Batch missing(VersionVector peer, long maxBytes) {
        return missing(peer, List.of(), maxBytes);
    }

    /**
     * Takes change sets in order, each only if {@link Admission} lets it, and then parts, and returns once all is durable.
     * A change set whose body is in parts is taken with the last of them.
     *
     * @return the first refusal, after which nothing was taken; {@link Admission.Next} if there was none
     */
    Admission accept(List<EncodedChangeSet> changeSets, List<Part> parts);

    /** As {@link #accept(List, List)}, for change sets that carry their bodies themselves. */
    default Admission accept(List<EncodedChangeSet> changeSets) {
        return accept(changeSets, List.of());
    }
}
