// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;

/**
 * The purge vector: what was hidden within it may be forgotten everywhere, since nobody's change sets are taken any more who
 * had not seen all of it. It only rises, and never above what is held here. Thread-safe.
 */
final class Fence {
    private final Components parts;
    private final Transactions transactions;

    Fence(Components parts, Transactions transactions) {
        this.parts = parts;
        this.transactions = transactions;
    }

    VersionVector purged() {
        return transactions.read(() -> parts.meta.getVector("purged"));
    }

    /** Takes over a purge vector that a peer announced, once all is here that the peer held when it did. */
    void announce(VersionVector purged, VersionVector held) {
        synchronized (transactions) {
            VersionVector known = purged();
            VersionVector here = transactions.read(parts.origins::heads).vector();
            VersionVector next = known.union(purged.intersection(here));
            if (here.dominates(held) && !next.equals(known)) {
                transactions.write(() -> parts.meta.put("purged", next));
            }
        }
    }

    /** Returns whether every own change set beyond {@code shared} was written by somebody who had seen all of {@code purged}. */
    boolean passes(VersionVector purged, long shared) {
        return transactions.read(() -> passes(parts, purged, shared));
    }

    /** As {@link #passes(VersionVector, long)}, inside a transaction. Contexts only grow, so the first of them decides. */
    static boolean passes(Components parts, VersionVector purged, long shared) {
        Origin self = parts.self();
        long first = Math.max(shared, parts.origins.floor(self)) + 1;
        return purged.isEmpty()
                || parts.origins.head(self).seq() < first
                || parts.log
                        .context(self, first, parts.meta.getVector("context"))
                        .dominates(purged);
    }
}
