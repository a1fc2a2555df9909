// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.PartsHeld;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fills a batch with what a peer lacks, up to so many bytes, but with something. Confined to one thread. */
public final class BatchBuilder {
    private final @Nullable List<PartsHeld> peerHolds;
    private final long maxBytes;
    private final List<EncodedChangeSet> changeSets = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private long size;
    private boolean isFull;

    /**
     * @param peerHolds what the peer has of change sets whose parts are still coming to it; null if that is not known, and then
     *     none of them is begun again
     */
    public BatchBuilder(@Nullable List<PartsHeld> peerHolds, long maxBytes) {
        this.peerHolds = peerHolds;
        this.maxBytes = maxBytes;
    }

    /**
     * Adds the next change set that the peer lacks, or as many of its parts as there is room for.
     *
     * @return whether the next one may follow. Not behind parts: the receiver takes those last, and what they complete with them
     */
    public boolean add(EncodedChangeSet changeSet, PartSource source) {
        if (peerHolds == null && changeSet.isInParts()) {
            isFull = true;
            return false;
        }
        int held = peerHolds == null ? -1 : held(changeSet, peerHolds);
        if (held < 0) {
            if (!fits(changeSet.bytes().length)) {
                return false;
            }
            changeSets.add(changeSet);
        }
        for (int i = Math.max(0, held); i < changeSet.parts().count(); i++) {
            if (!fits(changeSet.parts().sizeOf(i))) {
                return false;
            }
            parts.add(new Part(changeSet.header().origin(), changeSet.header().seq(), i, source.part(i)));
        }
        isFull = changeSet.isInParts();
        return !isFull;
    }

    /** Returns how many parts of it the peer has; -1 if it does not know the change set. */
    private static int held(EncodedChangeSet changeSet, List<PartsHeld> peerHolds) {
        for (PartsHeld known : peerHolds) {
            if (known.hash().equals(changeSet.hash())
                    && known.origin().equals(changeSet.header().origin())
                    && known.seq() == changeSet.header().seq()) {
                return Math.min(known.count(), changeSet.parts().count());
            }
        }
        return -1;
    }

    private boolean fits(int bytes) {
        isFull = size > 0 && size + bytes > maxBytes;
        size += isFull ? 0 : bytes;
        return !isFull;
    }

    public Batch build() {
        return new Batch(changeSets, parts, isFull);
    }
}
