// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.FenceWorld.Rules;
import io.anabranch.crdt.HistorySearch.Step;
import io.anabranch.crdt.RowCells.Write;
import java.util.ArrayList;
import java.util.List;
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

    private static final List<Step<FenceWorld>> STEPS = steps();

    private static List<Step<FenceWorld>> steps() {
        List<Step<FenceWorld>> steps = new ArrayList<>();
        for (int i = 0; i < FenceWorld.NODES; i++) {
            int node = i;
            for (Write write : List.of(Write.ADD, Write.DELETE, Write.INSERT)) {
                steps.add(new Step<>(node + " " + write, world -> world.write(node, write)));
            }
            steps.add(new Step<>(node + " purges", world -> world.purge(node)));
            for (int j = 0; i > 0 && j < FenceWorld.NODES; j++) {
                int peer = j;
                if (i != j) {
                    steps.add(new Step<>(node + " meets " + peer, world -> world.meet(node, peer)));
                }
            }
            if (i > 0) {
                steps.add(new Step<>(node + " takes one of 0", world -> world.meet(node, 0, 1)));
            }
        }
        steps.add(new Step<>("0 announces", FenceWorld::announce));
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
        assertThat(search(Rules.WANTED).shortestFault(DEPTH)).isNull();
    }

    @Test
    void byTheWantedRulesLongRandomHistoriesLoseNothingAndEndEqual() {
        assertThat(search(Rules.WANTED).randomFault(RANDOM_HISTORIES)).isNull();
    }

    @Test
    void theHistoriesThatBreakOtherRulesEndWell() {
        for (String history : List.of(GIVEN_BEFORE, CARRIED, NOT_ALL_YET, EACH_TO_THE_OTHER)) {
            assertThat(search(Rules.WANTED).playWhatCanBe(history)).as(history).isNull();
        }
    }

    /** What is known to break, see docs/testing.md. */
    @Test
    void theRulesThatReplicasGoByCountTwice() {
        assertThat(search(Rules.SHIPPED).playWhatCanBe(GIVEN_BEFORE)).contains("under two names");
        assertThat(search(Rules.SHIPPED).shortestFault(4)).contains("under two names");
    }

    @Test
    void whoDoesNotAnswerForOthersCountsTwice() {
        assertThat(search(new Rules(false, true, true, true, true)).playWhatCanBe(GIVEN_BEFORE))
                .isNotNull();
        assertThat(search(new Rules(false, true, true, true, true)).playWhatCanBe(CARRIED))
                .isNotNull();
        assertThat(search(new Rules(false, true, true, true, true)).shortestFault(4))
                .isNotNull();
    }

    @Test
    void underANameThatDoesNotFollowNobodyFindsIt() {
        assertThat(search(new Rules(true, false, true, true, true)).playWhatCanBe(GIVEN_BEFORE))
                .isNotNull();
    }

    @Test
    void twoThatSayOnlyWhatTheyWroteWaitForEachOther() {
        assertThat(search(new Rules(true, true, true, false, true)).playWhatCanBe(EACH_TO_THE_OTHER))
                .isNotNull();
    }

    @Test
    void whatIsSaidAnewAtReplicasTooIsSaidInTwoWays() {
        assertThat(search(new Rules(true, true, true, true, false)).randomFault(RANDOM_HISTORIES))
                .isNotNull();
    }

    @Test
    void whoForgetsBeforeItHasAllOfThePeersIsFound() {
        assertThat(search(new Rules(true, true, false, true, true)).randomFault(RANDOM_HISTORIES))
                .isNotNull();
    }

    private static HistorySearch<FenceWorld> search(Rules rules) {
        return new HistorySearch<>(STEPS, () -> new FenceWorld(rules), FenceWorld::fault);
    }
}
