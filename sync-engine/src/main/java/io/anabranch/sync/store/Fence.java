// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.Aside;
import org.jspecify.annotations.Nullable;

/**
 * What this file holds against the vectors that peers fence by, before it gives them anything. Thread-safe.
 *
 * <p>The <em>fence</em> is the vector by which all was held that is here and that no relay is known to hold: none of it edits what
 * may be forgotten by then. The <em>purge vector</em>, which is within it, says what was hidden and may go. Both only rise.
 *
 * <p>What this file wrote passes by what it had seen when it did, and what comes from a relay has passed there. What comes from
 * another replica is <em>hearsay</em>: of its writer's past nothing is known here, and what is written on top of it may be as late.
 * So a file with hearsay passes only once relays hold all of it, and otherwise settles with the peer ({@link LateRows}).
 */
final class Fence {
    private static final String FENCE = "fence";
    private static final String PURGED = "purged";
    private static final String HEARSAY = "hearsay";

    private final Components parts;
    private final Transactions transactions;

    Fence(Components parts, Transactions transactions) {
        this.parts = parts;
        this.transactions = transactions;
    }

    /** Returns the vector by which this file fences others. */
    VersionVector vector() {
        return transactions.read(() -> vector(parts));
    }

    private static VersionVector vector(Components parts) {
        return parts.meta.getVector(FENCE).union(parts.meta.getVector(PURGED));
    }

    VersionVector purged() {
        return transactions.read(() -> parts.meta.getVector(PURGED));
    }

    /** Takes over a purge vector that a peer announced, as far as this file fences by it, once all is here that the peer held. */
    void announce(VersionVector purged, VersionVector held) {
        synchronized (transactions) {
            VersionVector known = purged();
            VersionVector next = known.union(purged.intersection(vector()));
            if (!next.equals(known) && transactions.read(this::here).dominates(held)) {
                transactions.write(() -> parts.meta.put(PURGED, next));
            }
        }
    }

    /**
     * Returns whether a peer that fences by {@code theirs} may be given what it lacks. If so, and all of that vector is here,
     * this file fences by it from now on.
     *
     * @param peer what the peer holds
     */
    boolean holdAgainst(VersionVector theirs, VersionVector peer) {
        synchronized (transactions) {
            boolean passes = transactions.read(() -> passes(theirs, peer));
            if (passes && transactions.read(() -> rises(theirs) || isHearsayOver())) {
                transactions.write(() -> {
                    if (rises(theirs) && passes(theirs, peer)) {
                        fenceBy(parts, theirs);
                    }
                    if (isHearsayOver()) {
                        parts.meta.put(HEARSAY, 0);
                    }
                });
            }
            return passes;
        }
    }

    private boolean rises(VersionVector theirs) {
        return !vector(parts).dominates(theirs) && here().dominates(theirs);
    }

    private boolean isHearsayOver() {
        return parts.meta.getLong(HEARSAY) == 1 && parts.peers.heldByRelays().dominates(here());
    }

    private boolean passes(VersionVector theirs, VersionVector peer) {
        if (vector(parts).dominates(theirs)) {
            return true;
        }
        VersionVector here = here();
        VersionVector shared = parts.peers.heldByRelays().union(peer);
        if (shared.dominates(here)) {
            return true;
        }
        Origin self = parts.self();
        boolean isAllOwn = shared.with(self, here.get(self)).dominates(here);
        if (!isAllOwn || parts.meta.getLong(HEARSAY) == 1) {
            return false;
        }
        // Contexts only grow, so the first decides; of what was cut it is no longer known.
        long first = shared.get(self) + 1;
        return first > parts.origins.floor(self)
                && parts.log
                        .context(self, first, parts.meta.getVector("context"))
                        .dominates(theirs);
    }

    private VersionVector here() {
        return parts.origins.heads().vector();
    }

    /**
     * Returns whether somebody who asks may be given what it lacks.
     *
     * @param checked the hash of the vector that it fences by, or of this file's if it has passed that; null for none
     * @param theirs that vector, if it is not within this file's and the asker said it; null if it did not
     * @param peer what it holds
     */
    boolean mayGive(@Nullable Hash128 checked, @Nullable VersionVector theirs, VersionVector peer) {
        if (theirs != null) {
            return holdAgainst(theirs, peer);
        }
        // Of one that goes by something else this file has yet to hear by what.
        return checked == null
                || checked.equals(Aside.hash(vector()))
                || transactions.read(
                        () -> parts.peers.heldByRelays().union(peer).dominates(here()));
    }

    /** Notes that something is about to come from a replica. */
    void noteHearsay() {
        synchronized (transactions) {
            if (transactions.look(() -> parts.meta.getLong(HEARSAY)) == 0) {
                transactions.write(() -> parts.meta.put(HEARSAY, 1));
            }
        }
    }

    /** Fences by a vector, inside a transaction after which all that is here was held against it. */
    static void fenceBy(Components parts, VersionVector fence) {
        parts.meta.put(FENCE, vector(parts).union(fence));
    }

    /** Lets what was hidden within a vector be forgotten, inside a transaction that fences by it. */
    static void forgetBy(Components parts, VersionVector purged) {
        parts.meta.put(PURGED, parts.meta.getVector(PURGED).union(purged.intersection(vector(parts))));
    }
}
