// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.FenceWorld.Rules;
import io.anabranch.crdt.RowCells.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Tries every short history, and long ones at random, of three replicas that exchange with each other and with a relay that lets them forget
 * when it pleases: by the rules that decision 0024 describes nothing is lost, nothing is there twice, and all end equal. Other rules are caught, those that replicas
 * go by among them.
 */
class FenceSearchTest {
    private static final boolean LONG = Boolean.getBoolean("anabranch.long");
    private static final int DEPTH = LONG ? 5 : 4;
    private static final int RANDOM_HISTORIES = LONG ? 2_000_000 : 20_000;

    private record Step(String name, Predicate<FenceWorld> act) {}

    private static final List<Step> STEPS = steps();

    private static List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < FenceWorld.NODES; i++) {
            int node = i;
            for (Write write : List.of(Write.ADD, Write.DELETE, Write.INSERT)) {
                steps.add(new Step(node + " " + write, world -> world.write(node, write)));
            }
            steps.add(new Step(node + " purges", world -> world.purge(node)));
            for (int j = 0; i > 0 && j < FenceWorld.NODES; j++) {
                int peer = j;
                if (i != j) {
                    steps.add(new Step(node + " meets " + peer, world -> world.meet(node, peer)));
                }
            }
            if (i > 0) {
                steps.add(new Step(node + " takes one of 0", world -> world.meet(node, 0, 1)));
            }
        }
        steps.add(new Step("0 announces", FenceWorld::announce));
        return steps;
    }

    /** One gives to another what the relay then fences. */
    private static final String GIVEN_BEFORE = "1 ADD, 2 meets 1, 0 ADD, 0 announces, 1 meets 0";

    /** What another gave edits a row that the relay and a third have forgotten. */
    private static final String CARRIED =
            "1 ADD, 2 meets 1, 0 DELETE, 3 meets 0, 0 announces, 3 meets 0, 0 purges, 3 purges";

    /** One hears by what to forget before it has all that the relay took before. */
    private static final String NOT_ALL_YET =
            "1 ADD, 0 DELETE, 1 meets 0, 2 takes one of 0, 0 announces, 2 takes one of 0";

    /** Two that were away gave to each other. */
    private static final String EACH_TO_THE_OTHER = "3 ADD, 2 ADD, 2 meets 3, 0 DELETE, 0 announces";

    @Test
    void byTheWantedRulesEveryShortHistoryLosesNothingAndEndsEqual() {
        assertThat(shortestFault(Rules.WANTED, DEPTH)).isNull();
    }

    @Test
    void byTheWantedRulesLongRandomHistoriesLoseNothingAndEndEqual() {
        assertThat(randomFault(Rules.WANTED)).isNull();
    }

    @Test
    void theHistoriesThatBreakOtherRulesEndWell() {
        for (String history : List.of(GIVEN_BEFORE, CARRIED, NOT_ALL_YET, EACH_TO_THE_OTHER)) {
            assertThat(play(Rules.WANTED, history)).as(history).isNull();
        }
    }

    /** What is known to break, see docs/testing.md. */
    @Test
    void theRulesThatReplicasGoByCountTwice() {
        assertThat(play(Rules.SHIPPED, GIVEN_BEFORE)).contains("under two names");
    }

    @Test
    void whoDoesNotAnswerForOthersCountsTwice() {
        assertThat(play(new Rules(false, true, true, true, true), GIVEN_BEFORE)).isNotNull();
        assertThat(play(new Rules(false, true, true, true, true), CARRIED)).isNotNull();
        assertThat(shortestFault(new Rules(false, true, true, true, true), 4)).isNotNull();
    }

    @Test
    void underANameThatDoesNotFollowNobodyFindsIt() {
        assertThat(play(new Rules(true, false, true, true, true), GIVEN_BEFORE)).isNotNull();
    }

    @Test
    void twoThatSayOnlyWhatTheyWroteWaitForEachOther() {
        assertThat(play(new Rules(true, true, true, false, true), EACH_TO_THE_OTHER))
                .isNotNull();
    }

    @Test
    void whatIsSaidAnewAtReplicasTooIsSaidInTwoWays() {
        assertThat(randomFault(new Rules(true, true, true, true, false))).isNotNull();
    }

    @Test
    void whoForgetsBeforeItHasAllOfThePeersIsFound() {
        assertThat(randomFault(new Rules(true, true, false, true, true))).isNotNull();
    }

    // ---- The search

    private static @Nullable String play(Rules rules, String history) {
        FenceWorld world = new FenceWorld(rules);
        for (String name : history.split(", ")) {
            STEPS.stream()
                    .filter(each -> each.name.equals(name))
                    .findFirst()
                    .orElseThrow()
                    .act
                    .test(world);
        }
        return world.fault();
    }

    private static @Nullable String shortestFault(Rules rules, int most) {
        for (int depth = 1; depth <= most; depth++) {
            String fault = extend(rules, new ArrayList<>(), depth);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private static @Nullable String extend(Rules rules, List<Step> path, int depth) {
        for (Step step : STEPS) {
            path.add(step);
            FenceWorld world = replay(rules, path);
            if (world != null) {
                String fault = path.size() == depth ? world.fault() : extend(rules, path, depth);
                if (fault != null) {
                    return path.size() == depth ? names(path) + ": " + fault : fault;
                }
            }
            path.remove(path.size() - 1);
        }
        return null;
    }

    /** Returns null if the last step does nothing: then what follows was tried without it. */
    private static @Nullable FenceWorld replay(Rules rules, List<Step> path) {
        FenceWorld world = new FenceWorld(rules);
        boolean did = true;
        for (Step step : path) {
            did = step.act.test(world);
        }
        return did ? world : null;
    }

    private static @Nullable String randomFault(Rules rules) {
        Random random = new Random(11);
        for (int i = 0; i < RANDOM_HISTORIES; i++) {
            FenceWorld world = new FenceWorld(rules);
            List<Step> path = new ArrayList<>();
            int length = 4 + random.nextInt(20);
            for (int tries = 0; path.size() < length && tries < 6 * length; tries++) {
                Step step = STEPS.get(random.nextInt(STEPS.size()));
                if (step.act.test(world)) {
                    path.add(step);
                }
            }
            if (world.fault() != null) {
                String history = names(fewest(rules, path));
                return history + ": " + play(rules, history);
            }
        }
        return null;
    }

    /** Leaves out what the fault does not need. */
    private static List<Step> fewest(Rules rules, List<Step> path) {
        for (int i = 0; i < path.size(); i++) {
            List<Step> shorter = new ArrayList<>(path);
            shorter.remove(i);
            if (play(rules, names(shorter)) != null) {
                return fewest(rules, shorter);
            }
        }
        return path;
    }

    private static String names(List<Step> path) {
        return path.stream().map(Step::name).collect(Collectors.joining(", "));
    }
}
