// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gets one damaged change set from a peer: asks as somebody would who lacks it, and takes it only if it hashes to what is known
 * of it, so that a peer cannot put anything else in its place. Pure. Confined to one thread.
 */
public final class Healing {
    private final Origin self;
    private final DamagedLog.Damaged wanted;
    /** What the peer is told is here. */
    private Heads told;

    /**
     * @param self who asks
     * @param held what is here, the damaged one among it
     */
    public Healing(Origin self, Heads held, DamagedLog.Damaged wanted) {
        this.self = self;
        this.wanted = wanted;
        TreeMap<Origin, Head> lacking = new TreeMap<>(held.entries());
        lacking.remove(wanted.dot().origin());
        if (!wanted.before().equals(Head.NONE)) {
            lacking.put(wanted.dot().origin(), wanted.before());
        }
        this.told = Heads.of(lacking);
    }

    /** Returns what to ask next. */
    public SyncRequest request() {
        return new SyncRequest(
                self,
                told.get(self),
                told.sum(),
                null,
                told.changesFrom(Heads.NONE),
                Responder.MAX_REPLY_BYTES,
                List.of());
    }

    /** Looks through an answer. Returns the change set; null if it is not there. */
    public @Nullable EncodedChangeSet find(SyncReply reply) {
        for (EncodedChangeSet changeSet : reply.changeSets()) {
            if (changeSet.header().dot().equals(wanted.dot())
                    && changeSet.hash().equals(wanted.hash())) {
                return changeSet;
            }
        }
        return null;
    }

    /** Returns whether to ask again: the peer has more, and what it sent brings the question forward. */
    public boolean goesOn(SyncReply reply) {
        Heads before = told;
        TreeMap<Origin, Head> further = new TreeMap<>(told.entries());
        for (EncodedChangeSet changeSet : reply.changeSets()) {
            if (changeSet.header().seq() > told.get(changeSet.header().origin()).seq()) {
                further.put(changeSet.header().origin(), changeSet.head());
            }
        }
        told = Heads.of(further);
        return reply.more() && !told.equals(before) && !told.vector().contains(wanted.dot());
    }
}
