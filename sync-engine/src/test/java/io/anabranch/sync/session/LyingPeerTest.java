// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.session.SyncSession.Effect;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a peer answers, for ever: the session ends, soon, with an outcome. */
class LyingPeerTest {
    private static final int MANY = 50;
    private static final Origin PEER = Origin.of(2, 2);
    private static final Origin PHANTOM = Origin.of(3, 3);

    private final ChangeSets own = ChangeSets.of(1);
    private final EncodedChangeSet written = own.write("a note");
    private final Heads mine = Heads.of(Map.of(own.origin(), own.head()));

    /** Runs a session against a peer whose every answer is scripted, and returns how it ended. */
    private SyncOutcome run(Heads lastKnown, IntFunction<Object> answers) {
        SyncSession session = new SyncSession(own.origin(), lastKnown);
        Effect effect = session.begin(mine, List.of());
        for (int round = 0; round < MANY; round++) {
            Effect.Load load = (Effect.Load) effect;
            boolean lacks = load.peer().get(own.origin()) < 1;
            session.loaded(mine, lacks ? new Batch(List.of(written), false) : Batch.EMPTY);
            Object answer = answers.apply(round);
            effect = answer instanceof SyncReply reply ? session.received(reply) : session.refused((Admission) answer);
            if (effect instanceof Effect.Apply) {
                effect = session.applied(mine, List.of(), 0);
            }
            if (effect instanceof Effect.Done done) {
                return done.outcome();
            }
        }
        throw new AssertionError("still asking after " + MANY + " rounds");
    }

    /** Returns an answer of a peer that claims these heads. */
    private SyncReply claims(Heads heads, boolean more, EncodedChangeSet... brings) {
        return new SyncReply(
                PEER, Hash128.ZERO, 0, false, heads.sum(), heads.changesFrom(mine), Head.NONE, List.of(brings), more);
    }

    private Heads mineAnd(long phantomSeq) {
        return mine.with(new TreeMap<>(Map.of(PHANTOM, new Head(phantomSeq, new Hash128(phantomSeq, 7)))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onesThatNeverKnowsTheBase(boolean knownBefore) {
        SyncReply unknown =
                new SyncReply(PEER, Hash128.ZERO, 0, true, Hash128.ZERO, new TreeMap<>(), Head.NONE, List.of(), false);

        assertThat(run(knownBefore ? Heads.NONE : null, round -> unknown)).isInstanceOf(SyncOutcome.Stuck.class);
    }

    @Test
    void oneThatHasMoreForEverAndBringsNothing() {
        assertThat(run(null, round -> claims(mineAnd(5), true))).isInstanceOf(SyncOutcome.Stuck.class);
    }

    @Test
    void oneThatClaimsMoreEachTimeAndBringsNothing() {
        assertThat(run(null, round -> claims(mineAnd(5 + round), true))).isInstanceOf(SyncOutcome.Stuck.class);
    }

    @Test
    void oneThatBringsWhatIsKnownForEver() {
        assertThat(run(null, round -> claims(mineAnd(5), true, written))).isInstanceOf(SyncOutcome.Stuck.class);
    }

    @Test
    void oneThatTakesAndLosesByTurns() {
        assertThat(run(null, round -> claims(round % 2 == 0 ? Heads.NONE : mineAnd(5), false)))
                .isInstanceOf(SyncOutcome.Stuck.class);
    }

    @Test
    void oneThatTalksButRefusesWhateverItIsSent() {
        Admission gap = new Admission.Gap(own.origin(), 1, 2);

        assertThat(run(null, round -> round % 2 == 0 ? claims(Heads.NONE, false) : gap))
                .isInstanceOf(SyncOutcome.Refused.class);
    }

    @Test
    void oneThatClaimsTheEndOfAllNumbers() {
        assertThat(run(null, round -> claims(mineAnd(Long.MAX_VALUE), false))).isInstanceOf(SyncOutcome.Stuck.class);
    }

    @Test
    void oneThatClaimsOtherPartsEachTimeAndTakesNone() {
        assertThat(run(
                        null,
                        round -> new SyncReply(
                                PEER,
                                Hash128.ZERO,
                                0,
                                false,
                                Heads.NONE.sum(),
                                Heads.NONE.changesFrom(mine),
                                Head.NONE,
                                List.of(),
                                false,
                                List.of(new PartsHeld(
                                        own.origin(), 1, own.head().hash(), round % 2)),
                                List.of())))
                .isInstanceOf(SyncOutcome.Stuck.class);
    }

    @Test
    void oneThatKnowsAnotherHistoryOfThisOrigin() {
        Heads other = mine.with(new TreeMap<>(Map.of(own.origin(), new Head(1, new Hash128(6, 6)))));

        assertThat(run(null, round -> claims(other, false)))
                .isEqualTo(new SyncOutcome.Refused(new Admission.Fork(own.origin(), 1)));
    }

    @Test
    void oneWhoseSumIsNotThatOfItsHeads() {
        SyncReply reply = new SyncReply(
                PEER, Hash128.ZERO, 0, false, new Hash128(1, 1), new TreeMap<>(), Head.NONE, List.of(), false);

        assertThat(run(null, round -> reply))
                .isEqualTo(new SyncOutcome.Failed("the peer's sum does not match its own version vector"));
    }
}
