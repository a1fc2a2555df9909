// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.VersionVector;
import org.jspecify.annotations.Nullable;

/** What either side says of snapshots, given what the other said last. Pure but for the store that it asks. */
public final class Asides {
    private Asides() {}

    /**
     * Returns what to say of snapshots.
     *
     * @param said what the peer said last
     * @param theirs what the peer holds
     * @param mine what is held here
     */
    public static Aside about(Aside said, PeerStore store, VersionVector theirs, VersionVector mine) {
        Aside.Offer needed = store.offer(theirs);
        return Aside.NOTHING
                .withOffer(needed == null && said.asks() ? store.newest() : needed)
                .withWant(want(said.offer(), store, mine))
                .withPart(part(said.want(), store));
    }

    private static Aside.@Nullable Range want(Aside.@Nullable Offer offer, PeerStore store, VersionVector mine) {
        if (offer == null || !store.wants(offer, mine)) {
            return null;
        }
        long received = store.receivedOf(offer.id());
        // Of one that is here whole the last byte is asked for again: whoever died before it was taken takes it then.
        return received < 0
                ? null
                : new Aside.Range(offer.id(), Math.min(received, offer.id().sizeBytes() - 1));
    }

    private static Aside.@Nullable Part part(Aside.@Nullable Range want, PeerStore store) {
        if (want == null) {
            return null;
        }
        byte[] bytes = store.readSnapshot(want.id(), want.from(), Aside.MAX_PART_BYTES);
        return bytes.length == 0 ? null : new Aside.Part(want.id(), want.from(), bytes);
    }
}
