// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.peers;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.server.space.RelaySpace;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Asides;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncSession;
import io.anabranch.sync.session.SyncSession.Effect;
import io.anabranch.sync.transport.Transport;
import org.jspecify.annotations.Nullable;

/** One exchange of a space with another relay, as any two peers have it. Confined to one thread. */
final class PeerExchange {
    private final Origin self;
    private final String name;
    private final RelaySpace space;
    private final Transport transport;

    /** What the peer held when it last answered. */
    private @Nullable Heads peer;

    PeerExchange(Origin self, String name, RelaySpace space, Transport transport, @Nullable Heads peer) {
        this.self = self;
        this.name = name;
        this.space = space;
        this.transport = transport;
        this.peer = peer;
    }

    SyncOutcome run() {
        SyncSession session = new SyncSession(self, peer);
        Effect effect = session.begin(space.heads(), space.waiting());
        while (!(effect instanceof Effect.Done)) {
            effect = carryOut(effect, session);
        }
        return ((Effect.Done) effect).outcome();
    }

    /** Returns what the peer held when it last answered; null if it did not. */
    @Nullable
    Heads peer() {
        return peer;
    }

    private Effect carryOut(Effect effect, SyncSession session) {
        if (effect instanceof Effect.Load load) {
            return load(load, session);
        }
        return effect instanceof Effect.Send send ? send(send, session) : apply((Effect.Apply) effect, session);
    }

    private Effect load(Effect.Load load, SyncSession session) {
        Heads mine = space.heads();
        VersionVector fence = space.purged();
        VersionVector told = load.said().purged();
        Aside aside = Asides.about(load.said(), space, load.peer(), mine.vector())
                .withChecked(Aside.hash(fence))
                .withPurged(told == null || told.dominates(fence) ? null : fence)
                .withWords(space.words());
        return session.loaded(mine, space.missing(load.peer(), load.peerHolds(), load.maxBytes()), aside);
    }

    private Effect send(Effect.Send send, SyncSession session) {
        Transport.Result result = transport.exchange(name, MessageCodec.encode(send.request()));
        if (result instanceof Transport.Result.Answered answered) {
            try {
                return session.received(MessageCodec.decodeReply(answered.reply()));
            } catch (DecodeException e) {
                return done(new SyncOutcome.Failed("the answer is no reply (" + e.getMessage() + ")"));
            }
        }
        if (result instanceof Transport.Result.Refused refused) {
            return session.refused(refused.why());
        }
        if (result instanceof Transport.Result.Later later) {
            return done(new SyncOutcome.Later(later.reason(), later.retryAfter()));
        }
        return done(
                result instanceof Transport.Result.Unreachable unreachable
                        ? new SyncOutcome.Unreachable(unreachable.reason())
                        : new SyncOutcome.Failed(((Transport.Result.Failed) result).reason()));
    }

    private Effect apply(Effect.Apply apply, SyncSession session) {
        peer = apply.peer();
        SyncReply reply = apply.reply();
        if (space.isForgotten(reply.peer())) {
            return done(new SyncOutcome.Failed(
                    "the relay that answers there was forgotten here as gone for good. Start it with an empty file: then it is another"
                            + " one, and is filled again"));
        }
        Admission admission = space.accept(apply.changeSets(), apply.parts());
        if (!(admission instanceof Admission.Next)) {
            return session.rejected(admission);
        }
        Aside.Part part = reply.aside().part();
        if (part != null) {
            try {
                space.receive(part.id(), part.from(), part.bytes());
            } catch (DecodeException e) {
                return done(new SyncOutcome.Failed("the peer sent a snapshot that is none (" + e.getMessage() + ")"));
            }
        }
        VersionVector purged = reply.aside().purged();
        if (purged != null) {
            space.heardPurged(purged);
        }
        space.heardWords(reply.aside().words());
        return session.applied(
                space.heads(), space.waiting(), apply.changeSets().size());
    }

    private static Effect done(SyncOutcome outcome) {
        return new Effect.Done(outcome);
    }
}
