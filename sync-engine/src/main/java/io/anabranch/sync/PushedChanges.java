// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Direction;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.apply.Taken;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes change sets that a peer sent unasked, if they follow on what it was known to hold. Confined to one thread. */
final class PushedChanges {
    private final ReplicaFile file;
    private final String url;
    private final Direction direction;
    private final Untold untold;
    /** Whether a replica pushed something here and has not heard that it is held. */
    private boolean owesWord;

    PushedChanges(ReplicaFile file, String url, Direction direction, Untold untold) {
        this.file = file;
        this.url = url;
        this.direction = direction;
        this.untold = untold;
    }

    /** Returns that both hold the same now, or null if only an exchange can tell. */
    @Nullable
    SyncOutcome take(byte[] message) {
        SyncReply push;
        try {
            push = MessageCodec.decodeReply(message);
        } catch (DecodeException e) {
            return null;
        }
        Heads known = file.peerHeads(url);
        if (known == null) {
            return null;
        }
        Heads now = known.with(push.changes());
        if (!now.sum().equals(push.sum())) {
            return null;
        }
        boolean fromReplica = push.epoch().equals(Hash128.ZERO);
        if (fromReplica) {
            if (!file.purged().isEmpty()) {
                return null; // It was held against no fence.
            }
            file.noteHearsay();
        }
        Taken taken = file.take(push.changeSets(), List.of());
        untold.add(0, taken.changeSets());
        // A relay does not wait for that: it counts nobody.
        owesWord |= taken.changeSets() > 0 && fromReplica;
        if (!(taken.admission() instanceof Admission.Next)) {
            return null;
        }
        file.rememberPeer(url, now, push);
        if (!direction.isSettled(file.heads(), now)) {
            return null;
        }
        file.settled();
        return untold.tell(new SyncOutcome.Settled(0, 0));
    }

    /** Returns whether the peer should hear soon what is held here. */
    boolean owesWord() {
        return owesWord;
    }

    /** An exchange tells the peer what is held here. */
    void wordGiven() {
        owesWord = false;
    }
}
