// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The asking side of an exchange with one peer, from the first request until both hold the same. Pure: a driver reports
 * what happened and carries out the one effect returned; a test is a driver without a network. Confined to one thread.
 *
 * <pre>
 *   begin ──► Load what the peer lacks ──► Send ──► Apply what came ──► equal? ──► Done
 *                      ▲                                                  │ no
 *                      └──────────────────────────────────────────────────┘
 * </pre>
 */
public final class SyncSession {
    private static final long MAX_SEND_BYTES = 2 << 20;
    private static final int MAX_ROUNDS_WITHOUT_PROGRESS = 4;
    /** An exchange comes to an end, also with somebody who never stops writing. */
    private static final int MAX_ROUNDS_BESIDE_A_WRITER = 100;

    private static final int MOST_FENCES = 3;

    private final Origin self;
    private final Direction direction;
    /** What the peer held when it last answered; null before its first word. */
    private @Nullable Heads peer;
    /** Whether the peer may remember {@link #peer} by its sum. */
    private boolean baseUsable;

    private Heads mine = Heads.NONE;
    /** What is here of change sets whose parts are still coming. */
    private List<PartsHeld> waiting = List.of();
    /** What the peer said it has of such; null before it said so. */
    private @Nullable List<PartsHeld> peerWaits;

    private final PartsProgress peerParts = new PartsProgress();
    private final PartsProgress ownParts = new PartsProgress();
    /** Whether either side has come to hold more parts than ever. */
    private boolean movedParts;

    /** What the peer said last beside change sets. */
    private Aside said = Aside.NOTHING;

    private final SnapshotProgress snapshots = new SnapshotProgress();
    private boolean movedSnapshot;
    /** Whether the peer was offered a snapshot since it asked for one. */
    private boolean offered;
    /** How often the peer took nothing because of its purge vector, since the last progress. */
    private int fences;

    private int roundsWithoutProgress;
    /** Why the peer took nothing, since the last progress. */
    private @Nullable Admission refusal;
    /** Whether the last reply carried anything that was not here. */
    private boolean broughtNews;
    /** The furthest that the peer ever said that it is, within what was here then. */
    private VersionVector shared = VersionVector.EMPTY;
    /** How many change sets the peer has lacked at the least. */
    private long leastLacked = Long.MAX_VALUE;
    /** Rounds in a row in which the peer came further and lacked no less. */
    private int roundsBesideAWriter;
    /** What was sent and the peer has not said it holds: the change sets of the request under way, and those in parts. */
    private final Set<Dot> onTheWay = new HashSet<>();

    private long sent;
    private long received;

    /**
     * @param lastKnown what the peer held at the end of the last exchange; null if there was none. May be wrong: it
     *     costs a round, never correctness
     */
    public SyncSession(Origin self, @Nullable Heads lastKnown) {
        this(self, lastKnown, Direction.BOTH);
    }

    /** As {@link #SyncSession(Origin, Heads)}, for change sets that go one way only. */
    public SyncSession(Origin self, @Nullable Heads lastKnown, Direction direction) {
        this.self = self;
        this.direction = direction;
        this.peer = lastKnown;
        this.baseUsable = lastKnown != null;
    }

    /**
     * Begins.
     *
     * @param mine the heads of this replica, with everything captured sealed
     * @param waiting what is here of change sets whose parts are still coming
     */
    public Effect begin(Heads mine, List<PartsHeld> waiting) {
        this.mine = mine;
        this.waiting = waiting;
        return nextRound();
    }

    /** What the peer lacks was read. */
    public Effect loaded(Heads mine, Batch batch) {
        return loaded(mine, batch, Aside.NOTHING);
    }

    /** What the peer lacks was read, and what there is to say beside it. */
    public Effect loaded(Heads mine, Batch batch, Aside aside) {
        this.mine = mine;
        batch.changeSets()
                .forEach(set ->
                        onTheWay.add(new Dot(set.header().origin(), set.header().seq())));
        Heads base = baseUsable && peer != null ? peer : null;
        return new Effect.Send(new SyncRequest(
                self,
                mine.get(self),
                mine.sum(),
                base == null ? null : base.sum(),
                mine.changesFrom(base == null ? Heads.NONE : base),
                direction.takes() ? Responder.MAX_REPLY_BYTES : 0,
                batch.changeSets(),
                waiting,
                batch.parts(),
                aside));
    }

    /** The peer answered. */
    public Effect received(SyncReply reply) {
        if (reply.baseUnknown()) {
            baseUsable = false;
            onTheWay.clear();
            roundsWithoutProgress++;
            return stalled() ? giveUp() : nextRound();
        }
        if (reply.aside().fenced() && ++fences > MOST_FENCES) {
            return giveUp();
        }
        said = reply.aside();
        peer = mine.with(reply.changes());
        peerWaits = reply.waiting();
        movedParts = peerParts.isMore(reply.waiting());
        baseUsable = true;
        countSent(peer);
        if (!peer.sum().equals(reply.sum())) {
            return done(new SyncOutcome.Failed("the peer's sum does not match its own version vector"));
        }
        Admission.Fork fork = Responder.forkBetween(mine, peer);
        if (fork != null) {
            return done(new SyncOutcome.Refused(fork));
        }
        movedSnapshot = snapshots.isMore(reply.aside());
        if (!direction.takes()) {
            return new Effect.Apply(List.of(), List.of(), peer, reply);
        }
        broughtNews = reply.changeSets().stream()
                .anyMatch(set ->
                        set.header().seq() > mine.get(set.header().origin()).seq());
        return new Effect.Apply(reply.changeSets(), reply.parts(), peer, reply);
    }

    private void countSent(Heads theirs) {
        int before = onTheWay.size();
        onTheWay.removeIf(dot -> theirs.get(dot.origin()).seq() >= dot.seq());
        sent += before - onTheWay.size();
    }

    /**
     * What the peer sent is applied.
     *
     * @param mine the heads now
     * @param waiting what is here now of change sets whose parts are still coming
     * @param taken how many change sets were taken that were not here
     */
    public Effect applied(Heads mine, List<PartsHeld> waiting, long taken) {
        received += taken;
        this.mine = mine;
        this.waiting = waiting;
        movedParts |= ownParts.isMore(waiting);
        Heads theirs = peer == null ? Heads.NONE : peer;
        Admission.Fork fork = Responder.forkBetween(mine, theirs);
        if (fork != null) {
            return done(new SyncOutcome.Refused(fork));
        }
        if (direction.isSettled(mine, theirs)) {
            boolean goesOn = direction.sends() && peerWantsMore();
            return goesOn ? nextRound() : done(new SyncOutcome.Settled(sent, received));
        }
        countRound(theirs);
        return stalled() ? giveUp() : nextRound();
    }

    /** A peer may ask for a snapshot of what both hold, and then for one part of it after the other. */
    private boolean peerWantsMore() {
        boolean asksFirst = said.asks() && !offered;
        offered |= asksFirst;
        return asksFirst || said.want() != null && movedSnapshot;
    }

    /**
     * What a peer claims may go up and down for ever; only what it brings, and what it takes for the first time, is progress. It may lack
     * no less than before all the same: who writes on while it exchanges is not stuck, but for how long it goes on is bounded.
     */
    private void countRound(Heads theirs) {
        VersionVector before = shared;
        shared = before.union(mine.vector().intersection(theirs.vector()));
        long lacks = mine.vector().countMinus(theirs.vector());
        boolean comesNearer = broughtNews || movedParts || movedSnapshot || lacks < leastLacked;
        leastLacked = Math.min(leastLacked, lacks);
        roundsBesideAWriter = comesNearer || shared.equals(before) ? 0 : roundsBesideAWriter + 1;
        boolean progress = comesNearer || 0 < roundsBesideAWriter && roundsBesideAWriter <= MAX_ROUNDS_BESIDE_A_WRITER;
        roundsWithoutProgress = progress ? 0 : roundsWithoutProgress + 1;
        refusal = progress ? null : refusal;
        fences = progress ? 0 : fences;
    }

    /** Something that came could not be taken here. */
    public Effect rejected(Admission why) {
        return done(new SyncOutcome.Refused(why));
    }

    /**
     * The peer took nothing and said why. What it lacks may be known here, or another peer may have moved it: ask anew,
     * from its own word.
     */
    public Effect refused(Admission why) {
        if (why instanceof Admission.Fork || stalled()) {
            return done(new SyncOutcome.Refused(why));
        }
        refusal = why;
        onTheWay.clear();
        said = Aside.NOTHING; // It was about what the peer held then.
        peer = null;
        peerWaits = null;
        baseUsable = false;
        roundsWithoutProgress++;
        return nextRound();
    }

    private boolean stalled() {
        return roundsWithoutProgress >= MAX_ROUNDS_WITHOUT_PROGRESS;
    }

    private Effect giveUp() {
        return done(refusal == null ? SyncOutcome.Stuck.of(this) : new SyncOutcome.Refused(refusal));
    }

    private Effect nextRound() {
        // Before its first word nothing is known of the peer, so nothing is sent but the vector.
        VersionVector lacks = peer == null ? mine.vector() : peer.vector();
        return new Effect.Load(lacks, peerWaits, MAX_SEND_BYTES, said);
    }

    private static Effect done(SyncOutcome outcome) {
        return new Effect.Done(outcome);
    }

    /** Returns how many change sets went from here and are held by the peer. */
    public long sent() {
        return sent;
    }

    /** Returns how many change sets came from the peer and were not here. */
    public long received() {
        return received;
    }

    /** What the driver has to do next. */
    public sealed interface Effect {
        /**
         * Read what {@code peer} lacks and report {@link SyncSession#loaded}.
         *
         * @param peerHolds what the peer has of change sets whose parts are still coming to it; null if that is not known
         * @param said what the peer said last beside change sets
         */
        record Load(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes, Aside said)
                implements Effect {}

        /** Send and report {@link SyncSession#received} or {@link SyncSession#refused}. */
        record Send(SyncRequest request) implements Effect {}

        /**
         * Seal, take the change sets and parts (none where nothing is to be taken), remember what the peer holds, and report {@link SyncSession#applied} or {@link
         * SyncSession#rejected}.
         */
        record Apply(List<EncodedChangeSet> changeSets, List<Part> parts, Heads peer, SyncReply reply)
                implements Effect {}

        /** Nothing is left to do. */
        record Done(SyncOutcome outcome) implements Effect {}
    }
}
