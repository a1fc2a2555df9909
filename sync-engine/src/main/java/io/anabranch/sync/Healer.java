// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.DamagedLog;
import io.anabranch.sync.session.Healing;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fetches the change sets that a disk has damaged in a log from a peer that has them. Confined to one thread. */
public final class Healer {
    private final DamagedLog log;
    private final Origin self;
    private final String space;

    /** @param self the name under which peers are asked */
    public Healer(DamagedLog log, Origin self, String space) {
        this.log = log;
        this.self = self;
        this.space = space;
    }

    /**
     * Heals what the peer can heal. Costs O(log), and a request or more for each damaged change set.
     *
     * @throws SyncException if the peer cannot be asked; what was healed before that stays healed
     */
    public HealReport from(URI peer, PeerOptions options) {
        try (Transport transport = options.transport(peer)) {
            return from(transport);
        }
    }

    HealReport from(Transport peer) {
        List<HealReport.Damage> left = new ArrayList<>();
        List<DamagedLog.Damaged> damaged = log.damaged();
        for (DamagedLog.Damaged one : damaged) {
            EncodedChangeSet whole = fetch(one, peer);
            if (whole == null) {
                left.add(new HealReport.Damage(one.dot().origin(), one.dot().seq()));
            } else {
                log.replace(whole);
            }
        }
        return new HealReport(damaged.size() - left.size(), left);
    }

    private @Nullable EncodedChangeSet fetch(DamagedLog.Damaged damaged, Transport peer) {
        Healing healing = new Healing(self, log.heads(), damaged);
        SyncReply reply;
        do {
            reply = ask(healing, peer);
            EncodedChangeSet found = healing.find(reply);
            if (found != null) {
                return found;
            }
        } while (healing.goesOn(reply));
        return null;
    }

    private SyncReply ask(Healing healing, Transport peer) {
        Transport.Result result = peer.exchange(space, MessageCodec.encode(healing.request()));
        if (result instanceof Transport.Result.Answered answered) {
            try {
                return MessageCodec.decodeReply(answered.reply());
            } catch (DecodeException e) {
                throw new SyncException(
                        "the peer answered with bytes that are no reply (" + e.getMessage()
                                + "); nothing was taken from it, ask another",
                        e);
            }
        }
        throw new SyncException("the peer cannot heal this: " + why(result) + "; ask another, or try again later");
    }

    private static String why(Transport.Result result) {
        if (result instanceof Transport.Result.Unreachable unreachable) {
            return unreachable.reason();
        }
        if (result instanceof Transport.Result.Later later) {
            return later.reason();
        }
        return result instanceof Transport.Result.Refused refused
                ? "it holds another history (" + refused.why() + ")"
                : ((Transport.Result.Failed) result).reason();
    }
}
