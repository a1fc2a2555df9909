// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.space.RelaysWorld.Rule;
import io.anabranch.server.space.RelaysWorld.Scope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Visits every state of a {@link RelaysWorld} that few steps lead to, nearest first: replicas that are fenced, put back and cloned recover
 * among two relays that agree by what to forget. In each state no change counts twice in one life of the row; from each, once all have met often enough,
 * every change that was somewhere is there, and all hold and show the same.
 */
class RelaysRecoverySearchTest {
    private static final boolean LONG = Boolean.getBoolean("anabranch.long");

    private static final int LONG_HISTORY = 25;

    private record Step(String name, Predicate<RelaysWorld> act) {}

    private record State(RelaysWorld world, String way, int steps) {}

    private static final List<Step> STEPS = steps();

    private static List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int one = i;
            steps.add(new Step(one + " adds", world -> world.add(one)));
            steps.add(new Step(one + " deletes", world -> world.delete(one)));
            steps.add(new Step(one + " purges", world -> world.purge(one)));
            for (int j = 0; j < 2; j++) {
                int relay = j;
                String name = "AB".charAt(relay) + "";
                steps.add(new Step(one + " meets " + name, world -> world.meet(one, relay)));
                steps.add(new Step(one + " gives " + name, world -> world.give(one, relay)));
            }
            String name = "AB".charAt(one) + "";
            steps.add(new Step(name + " asks the other", world -> world.ask(one)));
            steps.add(new Step(name + " tends", world -> world.tend(one)));
            steps.add(new Step(name + " cuts", world -> world.cut(one)));
        }
        steps.add(new Step("the relays agree", RelaysWorld::agree));
        steps.add(new Step("0 is backed up", RelaysWorld::backUp));
        steps.add(new Step("0 is put back", RelaysWorld::putBack));
        steps.add(new Step("0 is cloned onto 1", RelaysWorld::cloneMachine));
        steps.add(new Step("A is backed up", RelaysWorld::backUpRelay));
        steps.add(new Step("A is put back", RelaysWorld::putBackRelay));
        return steps;
    }

    private static UUID hash(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the way to a fault, and what it is; null if there is none. */
    private static @Nullable String search(Scope scope, int mostSteps) {
        long began = System.nanoTime();
        Set<UUID> seen = new HashSet<>();
        Deque<State> open = new ArrayDeque<>(List.of(new State(new RelaysWorld(scope), "", 0)));
        String found = null;
        while (!open.isEmpty() && found == null) {
            State state = open.remove();
            for (Step step : STEPS) {
                RelaysWorld next = state.world.copy();
                if (found == null && step.act.test(next) && seen.add(hash(next.describe()))) {
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

    /** Returns the first fault of a history, in which each step must do something; null if there is none. */
    private static @Nullable String play(Scope scope, String history) {
        RelaysWorld world = new RelaysWorld(scope);
        for (String name : history.split(", ")) {
            Step step = STEPS.stream()
                    .filter(each -> each.name.equals(name))
                    .findFirst()
                    .orElseThrow();
            assertThat(step.act.test(world)).as("%s of %s", name, history).isTrue();
            String fault = world.faultNow();
            fault = fault == null ? world.copy().faultOnceHealed() : fault;
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    /** Returns the way to a fault in long histories, without what need not be in it, and what it is; null if there is none. */
    private static @Nullable String random(Scope scope, int histories) {
        long began = System.nanoTime();
        for (int seed = 0; seed < histories; seed++) {
            Random random = new Random(seed);
            List<Step> way = new ArrayList<>();
            for (int i = 0; i < LONG_HISTORY; i++) {
                way.add(STEPS.get(random.nextInt(STEPS.size())));
            }
            if (playWhatCanBe(scope, way) != null) {
                return shortest(scope, way);
            }
        }
        System.out.println(
                scope + ", " + histories + " long histories: " + (System.nanoTime() - began) / 1_000_000 + " ms");
        return null;
    }

    private static String shortest(Scope scope, List<Step> way) {
        for (int i = way.size() - 1; i >= 0; i--) {
            List<Step> without = new ArrayList<>(way);
            without.remove(i);
            if (playWhatCanBe(scope, without) != null) {
                return shortest(scope, without);
            }
        }
        return way.stream().map(Step::name).collect(Collectors.joining(", ")) + ": " + playWhatCanBe(scope, way);
    }

    private static @Nullable String playWhatCanBe(Scope scope, List<Step> way) {
        RelaysWorld world = new RelaysWorld(scope);
        for (Step step : way) {
            RelaysWorld next = world.copy();
            world = step.act.test(next) ? next : world;
            String fault = world.faultNow();
            if (fault != null) {
                return fault;
            }
        }
        return world.faultOnceHealed();
    }

    // ---- What holds

    /** All of it, but for clones. */
    @Test
    void whatIsLateOrPutBackIsThereOnce() {
        Scope all = new Scope(2, true, true, true, false, Rule.SHIPPED);
        assertThat(search(all, LONG ? 6 : 4)).isNull();
        assertThat(random(all.writing(4), LONG ? 100_000 : 3_000)).isNull();
    }

    /** Relays that hold two branches stay apart, and so do those who hold a branch that two said anew in other words; nothing is lost. */
    @Test
    void whatClonesWroteIsThereOnce() {
        Scope clones = new Scope(2, true, false, true, true, Rule.SHIPPED);
        assertThat(search(clones, LONG ? 6 : 4)).isNull();
        assertThat(random(clones.writing(4), LONG ? 100_000 : 3_000)).isNull();
        assertThat(random(new Scope(4, true, true, true, true, Rule.SHIPPED), LONG ? 100_000 : 3_000))
                .isNull();
    }

    @Test
    void relaysThatDoNotExchangeLoseNothing() {
        Scope apart = new Scope(2, false, false, true, true, Rule.SHIPPED);
        assertThat(search(apart, LONG ? 6 : 4)).isNull();
        assertThat(random(apart.writing(4), LONG ? 100_000 : 3_000)).isNull();
    }

    // ---- What does not

    /** A replica was away, and edits a row that was deleted and forgotten meanwhile. */
    private static final String AWAY = "0 deletes, 0 meets A, the relays agree, 0 meets A, 0 purges, 1 adds";

    /** The other relay takes what the first would have fenced. */
    private static final String TO_THE_OTHER =
            "0 deletes, 0 meets A, A tends, A tends, 0 meets A, 0 purges, 1 adds, 1 meets B, 0 meets B";

    private static final String TO_ONE_PUT_BACK = "A is backed up, 0 deletes, 0 meets A, the relays agree, 0 meets A,"
            + " 0 purges, A is put back, 1 adds, 1 meets A";

    /** Two hold one branch, and say it anew one after the other. */
    private static final String SAID_TWICE =
            "0 is cloned onto 1, 1 adds, 1 meets A, 0 adds, 0 is cloned onto 1, 0 meets A, 1 meets A";

    /** Two hold one branch, and each goes on by itself. */
    private static final String WENT_ON_APART =
            "0 is cloned onto 1, 1 adds, 1 meets A, 0 adds, 0 is cloned onto 1, 1 adds, 0 adds, 1 meets A, 0 meets A";

    @Test
    void historiesThatBreakOtherRulesEndWell() {
        for (String history : List.of(AWAY, TO_ONE_PUT_BACK, SAID_TWICE, WENT_ON_APART)) {
            assertThat(play(by(Rule.SHIPPED), history)).as(history).isNull();
        }
    }

    @Test
    void rulesThatAreWrongAreFound() {
        assertThat(play(by(Rule.NO_FENCE), AWAY)).isNotNull();
        assertThat(play(by(Rule.NO_NEW_LIFE), AWAY)).isNotNull();
        assertThat(play(by(Rule.WITHOUT_THE_OTHER), TO_THE_OTHER)).isNotNull();
        assertThat(play(by(Rule.UNDER_ANY_NAME), SAID_TWICE)).startsWith("counts ");
        assertThat(play(by(Rule.BY_THE_FIRST_ALONE), WENT_ON_APART)).startsWith("lost ");
        assertThat(search(by(Rule.FORKS_UNNOTICED), 3)).isNotNull();
    }

    /** Limits that are told of: relays that do not exchange do not agree, and one that was put back answers before it has asked. */
    @Test
    void relaysThatDoNotKnowWhatTheOtherForgetsBringARowBackByHalves() {
        assertThat(play(new Scope(4, false, true, false, false, Rule.SHIPPED), TO_THE_OTHER))
                .isNotNull();
        assertThat(play(by(Rule.PUT_BACK_UNASKED), TO_ONE_PUT_BACK)).isNotNull();
    }

    private static Scope by(Rule rule) {
        return new Scope(4, true, true, true, true, rule);
    }
}
