// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.store.ReplicaFile;
import org.jspecify.annotations.Nullable;

/** Takes change sets that a peer sent unasked, if they follow on what it was known to hold. Confined to one thread. */
final class PushedChanges {
    private final ReplicaFile file;
    private final String url;
    /** How many change sets were taken since an outcome last told of them. */
    private long untold;

    PushedChanges(ReplicaFile file, String url) {
        this.file = file;
        this.url = url;
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
        if (!now.sum().equals(push.sum()) || !isTaken(push)) {
            return null;
        }
        untold += push.changeSets().size();
        file.rememberPeer(url, now, push);
        if (!file.heads().equals(now)) {
            return null;
        }
        file.settled();
        return told(new SyncOutcome.Settled(0, 0));
    }

    /** Adds to an outcome what came unasked before it. */
    SyncOutcome told(SyncOutcome outcome) {
        if (!(outcome instanceof SyncOutcome.Settled settled)) {
            return outcome;
        }
        SyncOutcome whole = new SyncOutcome.Settled(settled.sent(), settled.received() + untold);
        untold = 0;
        return whole;
    }

    private boolean isTaken(SyncReply push) {
        return file.accept(push.changeSets()) instanceof Admission.Next;
    }
}
