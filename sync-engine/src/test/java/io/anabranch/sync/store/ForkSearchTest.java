// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.store.ForkWorld.Rule;
import io.anabranch.sync.store.ForkWorld.Scope;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Visits every state of a {@link ForkWorld} that few steps lead to, nearest first. In each no change counts twice anywhere; from each, once all
 * have met often enough, all hold the same and every change that was somewhere, unless nobody is left who wrote a branch: then every
 * change is still somewhere.
 */
class ForkSearchTest {
    private static final boolean LONG = Boolean.getBoolean("anabranch.long");

    private record Step(String name, Predicate<ForkWorld> act) {}

    private record State(ForkWorld world, String way, int steps) {}

    /** Returns the way to a fault, and what it is; null if there is none. */
    private static @Nullable String search(Scope scope, int mostSteps) {
        long began = System.nanoTime();
        Set<String> seen = new HashSet<>();
        Deque<State> open = new ArrayDeque<>(List.of(new State(new ForkWorld(scope), "", 0)));
        List<Step> steps = steps(scope);
        String found = null;
        while (!open.isEmpty() && found == null) {
            State state = open.remove();
            for (Step step : steps) {
                ForkWorld next = state.world.copy();
                if (found == null && step.act.test(next) && seen.add(next.describe())) {
                    String way = state.way + (state.way.isEmpty() ? "" : ", ") + step.name;
                    String fault = next.faultNow();
                    fault = fault == null ? next.copy().faultOnceHealed() : fault;
                    found = fault == null ? null : way + ": " + fault;
                    if (state.steps + 1 < mostSteps) {
                        open.add(new State(next, way, state.steps + 1));
                    }
                }
            }
        }
        System.out.println(scope + ", " + mostSteps + " steps: " + seen.size() + " states, "
                + (System.nanoTime() - began) / 1_000_000 + " ms" + (found == null ? "" : ": " + found));
        return found;
    }

    private static List<Step> steps(Scope scope) {
        ForkWorld any = new ForkWorld(scope);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < ForkWorld.REPLICAS; i++) {
            int one = i;
            steps.add(new Step(one + " writes", world -> world.write(one)));
            for (int j = 0; j < ForkWorld.REPLICAS + scope.relays(); j++) {
                int other = j;
                if (any.mayMeet(one, other)) {
                    steps.add(new Step(one + " meets " + other, world -> world.meet(one, other)));
                }
            }
        }
        steps.add(new Step("0 is cloned onto 1", ForkWorld::cloneMachine));
        steps.add(new Step("0 is copied onto 1", world -> world.copyFile(1)));
        steps.add(new Step("0 is copied onto 2", world -> world.copyFile(2)));
        steps.add(new Step("0 is backed up", ForkWorld::backUp));
        steps.add(new Step("0 is put back", ForkWorld::restoreFile));
        return steps;
    }

    // ---- What holds

    @Test
    void oneRelayBringsAllTogether() {
        assertThat(search(new Scope(1, 3, true, false, Rule.SHIPPED), LONG ? 7 : 6))
                .isNull();
    }

    @Test
    void thoseWhoExchangeWithEachOtherComeTogether() {
        assertThat(search(new Scope(0, 3, true, false, Rule.SHIPPED), LONG ? 6 : 5))
                .isNull();
    }

    /** Relays move over to nobody's history, so they may stay apart; nothing is lost or counts twice. */
    @Test
    void twoRelaysLoseNothing() {
        assertThat(search(new Scope(2, 3, true, false, Rule.SHIPPED), LONG ? 6 : 5))
                .isNull();
    }

    // ---- What does not

    /** The copy did not write what it holds, and the file that did has lost it. */
    @Test
    void aBranchThatOnlyACopyHoldsStaysApart() {
        assertThat(search(new Scope(1, 3, true, true, Rule.SHIPPED), 5))
                .startsWith("0 is backed up, 0 writes, 0 is copied onto 1, 0 is put back, 0 writes: ");
    }

    /**
     * Of three branches the one that 2 holds has lost its writer. The first to say its own anew does so on top of that of another, who then holds
     * what 2 cannot take, and cannot begin anew from 2 without giving it that.
     */
    @Test
    void aThirdBranchWithoutItsWriterKeepsTheOthersApart() {
        assertThat(search(new Scope(0, 3, false, true, Rule.SHIPPED), 6))
                .startsWith("0 is cloned onto 1, 1 writes, 1 meets 2, 0 is cloned onto 1, 0 writes, 1 writes: ");
    }

    @Test
    void aCopyThatSaysAnewWhatItsFileHadNotSentWouldMendTheFirst() {
        assertThat(search(new Scope(1, 3, true, true, Rule.COPIES_TOO), 6)).isNull();
        assertThat(search(new Scope(0, 3, true, false, Rule.COPIES_TOO), 5)).isNull();
    }

    /** The file that wrote the branch may come after all, or another copy: they say it anew under its own name. */
    @ParameterizedTest
    @EnumSource(names = {"COPIES_UNDER_THEIR_OWN_NAME", "COPIES_NAMED_BY_WHAT_THEY_HOLD"})
    void copiesThatCallTheBranchOtherwiseCountItTwice(Rule wrong) {
        assertThat(search(new Scope(0, 3, true, false, wrong), 5)).endsWith("2 meets 1: 0 counts 12");
    }

    @ParameterizedTest
    @EnumSource(names = {"NOBODY_BEGINS_ANEW", "UNDER_ANY_NAME", "AS_IT_WAS_SEEN", "WITHOUT_LOOKING"})
    void rulesThatAreWrongAreFound(Rule wrong) {
        assertThat(search(new Scope(0, 3, false, false, wrong), 6)).isNotNull();
    }
}
