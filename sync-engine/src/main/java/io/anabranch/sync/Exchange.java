// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Asides;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.session.Direction;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncSession;
import io.anabranch.sync.session.SyncSession.Effect;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.apply.Taken;
import io.anabranch.sync.transport.Transport;
import org.jspecify.annotations.Nullable;

/** Drives one session over a transport: carries out its effects until it is done. Confined to one thread. */
final class Exchange {
    private final ReplicaFile file;
    private final Transport transport;
    private final String url;
    private final Direction direction;
    private final Untold untold;
    /** What the peer's clock said more than the file's, in milliseconds, when it last answered. */
    private long clockOffset;
    /** What the last request said that it was held against. */
    private VersionVector checked = VersionVector.EMPTY;
    /** By what this file fenced when it asked last. */
    private VersionVector told = VersionVector.EMPTY;
    /** What was said last of the rows here, and at which heads. */
    private @Nullable DigestPost post;

    private Hash128 postedAt = Hash128.ZERO;

    Exchange(ReplicaFile file, Transport transport, String url) {
        this(file, transport, url, Direction.BOTH, new Untold());
    }

    /** @param untold what moved before and no outcome has told of */
    Exchange(ReplicaFile file, Transport transport, String url, Direction direction, Untold untold) {
        this.file = file;
        this.transport = transport;
        this.url = url;
        this.direction = direction;
        this.untold = untold;
    }

    SyncOutcome run() {
        SyncOutcome outcome = exchange();
        if (outcome instanceof SyncOutcome.Refused refused && mayBeginAnew(refused.why())) {
            if (new FreshStart(file, transport, untold).run(refused.why())) {
                outcome = exchange();
            }
        }
        if (outcome instanceof SyncOutcome.Settled) {
            file.settled();
            file.boundLog();
            if (file.agreement().tend()) {
                outcome = exchange();
            }
        }
        return untold.tell(outcome);
    }

    /** Beginning anew takes a link that goes both ways. */
    private boolean mayBeginAnew(Admission why) {
        return direction == Direction.BOTH && (why instanceof Admission.Fenced || why instanceof Admission.Fork);
    }

    private SyncOutcome exchange() {
        SyncSession session = new SyncSession(file.self(), file.peerHeads(url), direction);
        Effect effect = session.begin(file.heads(), file.waiting());
        while (!(effect instanceof Effect.Done)) {
            effect = carryOut(effect, session);
        }
        SyncOutcome outcome = ((Effect.Done) effect).outcome();
        if (!(outcome instanceof SyncOutcome.Settled || outcome instanceof SyncOutcome.Stuck)) {
            untold.add(session.sent(), session.received());
        }
        return outcome;
    }

    private Effect carryOut(Effect effect, SyncSession session) {
        if (effect instanceof Effect.Load load) {
            return load(load, session);
        }
        if (effect instanceof Effect.Send send) {
            return send(send, session);
        }
        Effect.Apply apply = (Effect.Apply) effect;
        long taken = 0;
        boolean fromReplica = apply.reply().epoch().equals(Hash128.ZERO);
        // What a replica gave before the fence rose may be late by now: it is asked for again.
        boolean takes = direction.takes() && (!fromReplica || told.dominates(file.purged()));
        if (takes && (!apply.changeSets().isEmpty() || !apply.parts().isEmpty())) {
            if (fromReplica) {
                file.noteHearsay();
            }
            Taken result = file.take(apply.changeSets(), apply.parts());
            taken = result.changeSets();
            if (!(result.admission() instanceof Admission.Next)) {
                untold.add(0, taken);
                return session.rejected(result.admission());
            }
        }
        Aside said = apply.reply().aside();
        Aside.Part part = said.part();
        if (part != null && takes) {
            if (fromReplica) {
                file.noteHearsay();
            }
            try {
                taken += receive(part);
            } catch (DecodeException e) {
                untold.add(0, taken);
                return new Effect.Done(
                        new SyncOutcome.Failed(url + " sent a snapshot that is none (" + e.getMessage() + ")"));
            }
        }
        // First: what a relay held that was put back to a backup says nothing of what it holds.
        file.rememberPeer(url, apply.peer(), apply.reply(), clockOffset);
        VersionVector held = apply.peer().vector();
        // A peer that says nothing of either goes by what the request named, for both.
        file.holdAgainst(said.purged() == null ? checked : said.purged(), held);
        VersionVector droppable = said.droppable();
        file.announcePurged(droppable == null ? checked : droppable, held);
        if (post != null) {
            file.agreement().heard(url, postedAt, post, said.compared());
            post = null;
        }
        return session.applied(file.heads(), file.waiting(), taken);
    }

    /** Returns how many change sets the snapshot stood for that were not here, once it is whole. */
    private long receive(Aside.Part part) {
        boolean isLast = part.from() + part.bytes().length == part.id().sizeBytes();
        VersionVector before = isLast ? file.vector() : VersionVector.EMPTY;
        file.receive(part.id(), part.from(), part.bytes());
        return isLast ? file.vector().countMinus(before) : 0;
    }

    private Effect load(Effect.Load load, SyncSession session) {
        VersionVector fence = fence(load);
        if (!direction.sends()) {
            Heads held = file.heads();
            file.holdAgainst(fence, load.peer());
            // What the peer wants is not for it; what it offers may be wanted here.
            Aside taking = Asides.about(load.said().withoutWant(), file, held.vector(), held.vector());
            return session.loaded(held, Batch.EMPTY, by(fence, taking).withDigest(digest(load, held, Batch.EMPTY)));
        }
        if (load.said().asks()) {
            file.publishSnapshot();
        }
        Batch batch = file.missing(load.peer(), load.peerHolds(), load.maxBytes());
        // After it: what comes in meanwhile is then either not given or held against the fence too.
        if (!file.holdAgainst(fence, load.peer())) {
            return new Effect.Done(new SyncOutcome.Refused(new Admission.Fenced(fence)));
        }
        Heads mine = file.heads();
        Aside heard = direction.takes() ? load.said() : load.said().withoutOffer();
        Aside aside = Asides.about(heard, file, load.peer(), mine.vector());
        return session.loaded(mine, batch, by(fence, aside).withDigest(digest(load, mine, batch)));
    }

    /** Says by what this file fences, whichever way change sets go: it is given nothing that was not held against that. */
    private Aside by(VersionVector fence, Aside aside) {
        checked = fence;
        told = file.purged();
        return aside.withChecked(Aside.hash(fence)).withPurged(fence.dominates(told) ? null : told);
    }

    /** Returns by what the peer fences; before its first word, what this file does. */
    private VersionVector fence(Effect.Load load) {
        VersionVector said = load.said().purged();
        return said == null ? file.purged() : said;
    }

    /** Digests are compared where both sides hold the same, so only then is one worth its bytes. */
    private @Nullable DigestPost digest(Effect.Load load, Heads mine, Batch batch) {
        boolean isIdle = batch.changeSets().isEmpty() && load.peer().equals(mine.vector());
        postedAt = mine.sum();
        post = isIdle ? file.agreement().toTell(url, postedAt) : null;
        return post;
    }

    private Effect send(Effect.Send send, SyncSession session) {
        long sent = file.nowMillis();
        Transport.Result result = transport.exchange(file.space(), MessageCodec.encode(send.request()));
        long answered = file.nowMillis();
        if (result instanceof Transport.Result.Answered arrived) {
            SyncReply reply;
            try {
                reply = MessageCodec.decodeReply(arrived.reply());
            } catch (DecodeException e) {
                return new Effect.Done(new SyncOutcome.Failed(
                        url + " answered with bytes that are no reply (" + e.getMessage() + ")"));
            }
            clockOffset = reply.timeMillis() - (sent + answered) / 2;
            file.answered(sent, reply);
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
