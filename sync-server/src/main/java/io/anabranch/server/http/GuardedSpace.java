// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.access.Right;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.PeerStore;
import java.util.List;

/** A space as one caller may use it. What it holds is told to all who may read or write; change sets only to readers. */
final class GuardedSpace implements PeerStore {
    private final PeerStore space;
    private final Caller caller;

    GuardedSpace(PeerStore space, Caller caller) {
        this.space = space;
        this.caller = caller;
    }

    @Override
    public Heads heads() {
        return space.heads();
    }

    @Override
    public Batch missing(VersionVector peer, long maxBytes) {
        return caller.may(Right.READ) ? space.missing(peer, maxBytes) : Batch.EMPTY;
    }

    @Override
    public Admission accept(List<EncodedChangeSet> changeSets) {
        if (!caller.may(Right.WRITE)) {
            throw new Problem(
                    403,
                    "read-only",
                    "This token only reads",
                    "nothing of the request was taken: it brings change sets and its token has no right to write. Ask"
                            + " whoever runs the relay for one that has, or sync without changes of your own");
        }
        return space.accept(changeSets);
    }
}
