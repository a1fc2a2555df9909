// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Asides;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncSession;
import io.anabranch.sync.session.SyncSession.Effect;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;

/** Drives one session over a transport: carries out its effects until it is done. Confined to one thread. */
final class Exchange {
    private final ReplicaFile file;
    private final Transport transport;
    private final String url;

    Exchange(ReplicaFile file, Transport transport, String url) {
        this.file = file;
        this.transport = transport;
        this.url = url;
    }

    SyncOutcome run() {
        SyncOutcome outcome = exchange();
        if (outcome instanceof SyncOutcome.Refused refused && mayBeginAnew(refused.why())) {
            if (new FreshStart(file, transport).run(refused.why())) {
                outcome = exchange();
            }
        }
        if (outcome instanceof SyncOutcome.Settled) {
            file.settled();
            file.boundLog();
        }
        return outcome;
    }

    private static boolean mayBeginAnew(Admission why) {
        return why instanceof Admission.Fenced || why instanceof Admission.Fork;
    }

    private SyncOutcome exchange() {
        SyncSession session = new SyncSession(file.self(), file.peerHeads(url));
        Effect effect = session.begin(file.heads(), file.waiting());
        while (!(effect instanceof Effect.Done)) {
            effect = carryOut(effect, session);
        }
        return ((Effect.Done) effect).outcome();
    }

    private Effect carryOut(Effect effect, SyncSession session) {
        if (effect instanceof Effect.Load load) {
            return load(load, session);
        }
        if (effect instanceof Effect.Send send) {
            return send(send, session);
        }
        Effect.Apply apply = (Effect.Apply) effect;
        if (!apply.changeSets().isEmpty() || !apply.parts().isEmpty()) {
            Admission admission = file.accept(apply.changeSets(), apply.parts());
            if (!(admission instanceof Admission.Next)) {
                return session.rejected(admission);
            }
        }
        Aside.Part part = apply.reply().aside().part();
        if (part != null) {
            try {
                file.receive(part.id(), part.from(), part.bytes());
            } catch (DecodeException e) {
                return new Effect.Done(
                        new SyncOutcome.Failed(url + " sent a snapshot that is none (" + e.getMessage() + ")"));
            }
        }
        VersionVector purged = apply.reply().aside().droppable();
        if (purged != null) {
            file.announcePurged(purged);
        }
        file.rememberPeer(url, apply.peer(), apply.reply());
        return session.applied(file.heads(), file.waiting());
    }

    private Effect load(Effect.Load load, SyncSession session) {
        VersionVector purged = load.said().purged();
        VersionVector fence = purged == null ? file.purged() : purged;
        if (!file.passes(fence, load.peer().get(file.self()))) {
            return new Effect.Done(new SyncOutcome.Refused(new Admission.Fenced(fence)));
        }
        if (load.said().asks()) {
            file.publishSnapshot();
        }
        Batch batch = file.missing(load.peer(), load.peerHolds(), load.maxBytes());
        Heads mine = file.heads();
        Aside aside = Asides.about(load.said(), file, load.peer(), mine.vector());
        VersionVector own = file.purged();
        return session.loaded(
                mine, batch, aside.withChecked(Aside.hash(fence)).withPurged(fence.dominates(own) ? null : own));
    }

    private Effect send(Effect.Send send, SyncSession session) {
        long sentMillis = file.nowMillis();
        Transport.Result result = transport.exchange(file.space(), MessageCodec.encode(send.request()));
        if (result instanceof Transport.Result.Answered answered) {
            SyncReply reply;
            try {
                reply = MessageCodec.decodeReply(answered.reply());
            } catch (DecodeException e) {
                return new Effect.Done(new SyncOutcome.Failed(
                        url + " answered with bytes that are no reply (" + e.getMessage() + ")"));
            }
            file.answered(sentMillis, reply);
            return session.received(reply);
        }
        if (result instanceof Transport.Result.Refused refused) {
            return session.refused(refused.why());
        }
        return new Effect.Done(outcome(result));
    }

    private static SyncOutcome outcome(Transport.Result result) {
        if (result instanceof Transport.Result.Unreachable unreachable) {
            return new SyncOutcome.Unreachable(unreachable.reason());
        }
        if (result instanceof Transport.Result.Later later) {
            return new SyncOutcome.Later(later.reason(), later.retryAfter());
        }
        return new SyncOutcome.Failed(((Transport.Result.Failed) result).reason());
    }
}
