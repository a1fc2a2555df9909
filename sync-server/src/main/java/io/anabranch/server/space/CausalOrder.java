// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.store.RelayStoreException;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.BatchBuilder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts what a peer lacks into an order in which each change set comes after all that its writer had seen: one origin after the
 * other, and before a change set what its context names of others. So the store need not know in which order they came. Reads
 * little more than it gives. Confined to one thread.
 */
final class CausalOrder {
    private static final long READ_AHEAD_BYTES = 32 << 10;

    private final SpaceStore store;
    private final VersionVector held;
    private final BatchBuilder batch;
    private final Map<Origin, Cursor> cursors = new HashMap<>();
    private final VersionVector peer;

    /** @param held what is here: the end of each origin */
    CausalOrder(SpaceStore store, VersionVector held, VersionVector peer, BatchBuilder batch) {
        this.store = store;
        this.held = held;
        this.peer = peer;
        this.batch = batch;
    }

    /** Fills the batch. Ends early, with less, if what it reads is cut meanwhile: the peer then needs a snapshot. */
    Batch fill() {
        boolean goesOn = true;
        for (VersionVector.Range lacking : held.minus(peer)) {
            goesOn = goesOn && addUpTo(lacking.origin(), lacking.last());
        }
        return batch.build();
    }

    /** Adds an origin's change sets up to {@code last} with all that they need. Returns whether more may follow. */
    private boolean addUpTo(Origin origin, long last) {
        Deque<Goal> goals = new ArrayDeque<>();
        goals.push(new Goal(origin, last));
        while (!goals.isEmpty()) {
            Goal goal = goals.element();
            Cursor cursor = cursor(goal.origin);
            if (cursor.given >= goal.seq) {
                goals.pop();
                continue;
            }
            EncodedChangeSet next = cursor.peek();
            if (next == null) {
                return false;
            }
            ContextEntry unmet = firstUnmet(next);
            if (unmet != null) {
                goals.push(new Goal(unmet.origin(), unmet.seq()));
                requireAcyclic(goals);
            } else if (batch.add(next, store.parts(next))) {
                cursor.take();
            } else {
                return false;
            }
        }
        return true;
    }

    private record Goal(Origin origin, long seq) {}

    private @Nullable ContextEntry firstUnmet(EncodedChangeSet changeSet) {
        for (ContextEntry seen : changeSet.header().context()) {
            if (cursor(seen.origin()).given < seen.seq()) {
                return seen;
            }
        }
        return null;
    }

    /** What was taken was taken after all that it names, so no origin waits for itself. */
    private void requireAcyclic(Deque<Goal> goals) {
        if (goals.size() > held.size()) {
            throw new RelayStoreException(
                    "the relay's store is damaged: change sets name each other as seen. Restore it from a backup;"
                            + " replicas give back what it lacks",
                    null);
        }
    }

    private Cursor cursor(Origin origin) {
        return cursors.computeIfAbsent(origin, Cursor::new);
    }

    /** How far one origin was given, and what comes next of it. */
    private final class Cursor {
        private final Origin origin;
        private long given;
        private Iterator<EncodedChangeSet> ahead = List.<EncodedChangeSet>of().iterator();
        private @Nullable EncodedChangeSet next;

        Cursor(Origin origin) {
            this.origin = origin;
            this.given = peer.get(origin);
        }

        /** Returns the next one; null if it is not here any more. */
        @Nullable
        EncodedChangeSet peek() {
            if (next == null) {
                if (!ahead.hasNext()) {
                    ahead = store.range(origin, given + 1, READ_AHEAD_BYTES).iterator();
                }
                next = ahead.hasNext() ? ahead.next() : null;
            }
            return next != null && next.header().seq() == given + 1 ? next : null;
        }

        void take() {
            given++;
            next = null;
        }
    }
}
