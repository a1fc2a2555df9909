// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.SyncSession.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SyncSessionTest {
    private static final Origin SELF = Origin.of(1, 1);
    private static final Origin PEER = Origin.of(2, 2);
    private static final EncodedChangeSet FIRST =
            ChangeSetCodec.encode(new ChangeSetHeader(SELF, 1, Hash128.ZERO, 5, List.of()), List.of());
    private static final Heads HEADS = Heads.of(Map.of(SELF, FIRST.head()));

    private static SyncReply reply(boolean baseUnknown, Heads peer, Map<Origin, Head> changes) {
        return new SyncReply(
                PEER, Hash128.ZERO, 0, baseUnknown, peer.sum(), new TreeMap<>(changes), Head.NONE, List.of(), false);
    }

    @Test
    void whatIsSentAgainBecauseThePeerForgotTheBaseCountsOnce() {
        SyncSession session = new SyncSession(SELF, Heads.NONE);
        session.begin(HEADS, List.of());
        session.loaded(HEADS, new Batch(List.of(FIRST), false));
        session.received(reply(true, Heads.NONE, Map.of()));
        session.loaded(HEADS, new Batch(List.of(FIRST), false));
        session.received(reply(false, HEADS, Map.of()));

        assertThat(session.applied(HEADS, List.of(), 0)).isEqualTo(new Effect.Done(new SyncOutcome.Settled(1, 0)));
    }

    @Test
    void aFirstRequestNamesAllHeadsAndCarriesNothing() {
        SyncSession session = new SyncSession(SELF, null);

        Effect.Load load = (Effect.Load) session.begin(HEADS, List.of());
        Effect.Send send = (Effect.Send) session.loaded(HEADS, Batch.EMPTY);

        assertThat(load.peer()).isEqualTo(HEADS.vector());
        assertThat(send.request().base()).isNull();
        assertThat(send.request().changes()).isEqualTo(HEADS.entries());
    }

    @Test
    void aPeerWhoseSumDoesNotMatchItsVectorFails() {
        SyncSession session = new SyncSession(SELF, null);
        session.begin(HEADS, List.of());
        session.loaded(HEADS, Batch.EMPTY);

        assertThat(session.received(reply(false, Heads.NONE, Map.of())))
                .isEqualTo(new Effect.Done(
                        new SyncOutcome.Failed("the peer's sum does not match its own version vector")));
    }

    @Test
    void aPeerThatNeverMovesEndsTheSession() {
        SyncSession session = new SyncSession(SELF, null);
        Effect effect = session.begin(HEADS, List.of());
        int rounds = 0;
        while (effect instanceof Effect.Load && rounds++ < 100) {
            session.loaded(HEADS, new Batch(List.of(FIRST), false));
            Effect applied = session.received(reply(false, Heads.NONE, Map.of(SELF, Head.NONE)));
            effect = applied instanceof Effect.Apply ? session.applied(HEADS, List.of(), 0) : applied;
        }

        assertThat(effect)
                .isInstanceOfSatisfying(
                        Effect.Done.class, done -> assertThat(done.outcome()).isInstanceOf(SyncOutcome.Stuck.class));
        assertThat(rounds).isLessThan(10);
    }

    /** Found by {@code SessionSearchTest}: the peer takes one after the other, and lacks no less each time. */
    @Test
    void whoWritesOnAsFastAsThePeerTakesIsNotStuck() {
        assertThat(roundsBesideAWriter(10)).isEqualTo(10);
    }

    /** It went on for as long as the writer did, so that a call to exchange never returned. */
    @Test
    void whoNeverStopsWritingEndsItAllTheSame() {
        assertThat(roundsBesideAWriter(1_000)).isBetween(100, 110);
    }

    /** Returns after how many rounds an exchange ends in which there is always one write more, or {@code most}. */
    private static int roundsBesideAWriter(int most) {
        List<EncodedChangeSet> written = new ArrayList<>(List.of(FIRST));
        for (int seq = 2; seq <= most + 2; seq++) {
            Hash128 previous = written.get(seq - 2).hash();
            ChangeSetHeader header = new ChangeSetHeader(SELF, seq, previous, 5, List.of());
            written.add(ChangeSetCodec.encode(header, List.of()));
        }
        SyncSession session = new SyncSession(SELF, null);
        session.begin(HEADS, List.of());
        for (int taken = 0; taken < most; taken++) {
            Heads mine = Heads.of(Map.of(SELF, written.get(taken + 1).head()));
            Heads theirs = taken == 0
                    ? Heads.NONE
                    : Heads.of(Map.of(SELF, written.get(taken - 1).head()));
            session.loaded(mine, new Batch(List.of(written.get(taken)), true));
            session.received(reply(false, theirs, theirs.changesFrom(mine)));
            if (!(session.applied(mine, List.of(), 0) instanceof Effect.Load)) {
                return taken;
            }
        }
        return most;
    }
}
