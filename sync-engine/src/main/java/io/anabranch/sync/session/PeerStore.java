// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import java.util.List;

/** What a peer must be able to do: a replica's file, a relay's store. */
public interface PeerStore {
    /** Returns the heads of what is held durably. */
    Heads heads();

    /** Returns what is held and {@code peer} lacks, from the first on, in an order that respects causality. */
    Batch missing(VersionVector peer, long maxBytes);

    /**
     * Takes change sets in order, each only if {@link Admission} lets it, and returns once they are durable.
     *
     * @return the first refusal, after which nothing was taken; {@link Admission.Next} if there was none
     */
    Admission accept(List<EncodedChangeSet> changeSets);
}
