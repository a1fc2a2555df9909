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
 * when it pleases, and of logs that are cut anywhere: nothing is lost, nothing is there twice, and all end equal. Rules that lack one of those of
 * decision 0024 are caught.
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
            steps.add(new Step<>(node + " cuts", world -> world.cut(node)));
            for (int j = 0; i > 0 && j < FenceWorld.NODES; j++) {
                int peer = j;
                if (i != j) {
                    steps.add(new Step<>(node + " meets " + peer, world -> world.meet(node, peer, Integer.MAX_VALUE)));
                }
            }
            if (i > 0) {
                steps.add(new Step<>(node + " takes one of 0", world -> world.meet(node, 0, 1)));
                steps.add(new Step<>(node + " hears 0", world -> world.meet(node, 0, 0)));
            }
        }
        steps.add(new Step<>("0 marks", FenceWorld::mark));
        steps.add(new Step<>("0 announces", FenceWorld::announce));
        steps.add(new Step<>("0 forgets", FenceWorld::forget));
        return steps;
    }

    /** One gives to another what the relay then fences. */
    private static final String GIVEN_BEFORE =
            "1 ADD, 2 meets 1, 0 ADD, 0 marks, 0 announces, 0 forgets, 1 meets 0, 2 meets 0";

    /** What another gave edits a row that the relay and a third have forgotten. */
    private static final String CARRIED =
            "1 ADD, 2 meets 1, 0 DELETE, 3 meets 0, 0 marks, 0 announces, 0 forgets, 3 meets 0, 3 meets 0,"
                    + " 0 purges, 3 purges, 2 meets 0, 1 meets 0";

    /** Somebody who goes by the fence asks one who does not know of it, and passes on what it is given. */
    private static final String ASKED =
            "0 DELETE, 2 meets 0, 0 marks, 0 announces, 3 meets 0, 3 meets 0, 1 ADD, 3 meets 1, 0 forgets,"
                    + " 0 purges, 3 meets 0";

    /** One hears by what to forget before it has all that the relay took before. */
    private static final String NOT_ALL_YET =
            "0 DELETE, 0 marks, 1 ADD, 1 meets 0, 2 takes one of 0, 0 announces, 0 forgets," + " 2 hears 0, 2 purges";

    /** Two that were away gave to each other. */
    private static final String EACH_TO_THE_OTHER =
            "3 ADD, 2 ADD, 2 meets 3, 0 DELETE, 0 marks, 0 announces, 0 forgets, 0 purges";

    /** One edits on top of what another gave, having seen all that the fence asks for. */
    private static final String DELETED_ON_TOP =
            "0 DELETE, 2 ADD, 3 takes one of 0, 0 marks, 0 announces, 3 meets 2, 2 DELETE, 0 forgets, 3 ADD, 0 purges";

    @Test
    void everyShortHistoryLosesNothingAndEndsEqual() {
        assertThat(search(Rules.WANTED).shortestFault(DEPTH)).isNull();
    }

    @Test
    void longRandomHistoriesLoseNothingAndEndEqual() {
        assertThat(search(Rules.WANTED).randomFault(RANDOM_HISTORIES)).isNull();
    }

    /** What one gave to another is not there twice, and brings no row back by halves. */
    @Test
    void historiesThatBrokeOtherRulesEndWell() {
        for (String history : List.of(GIVEN_BEFORE, CARRIED, ASKED, NOT_ALL_YET, EACH_TO_THE_OTHER, DELETED_ON_TOP)) {
            assertThat(search(Rules.WANTED).playWhatCanBe(history)).as(history).isNull();
        }
    }

    @Test
    void aFenceForWritersAloneIsNotEnough() {
        assertThat(search(new Rules(false, true, true, true)).playWhatCanBe(CARRIED))
                .isNotNull();
    }

    @Test
    void aLateEditAloneBringsARowBackByHalves() {
        assertThat(search(new Rules(true, false, true, true)).playWhatCanBe(CARRIED))
                .isNotNull();
    }

    @Test
    void whoIsAskedMustHoldItAgainstTheFenceToo() {
        assertThat(search(new Rules(true, true, false, true)).playWhatCanBe(ASKED))
                .isNotNull();
    }

    @Test
    void whoForgetsBeforeItHasAllOfThePeersIsFound() {
        assertThat(search(new Rules(true, true, true, false)).playWhatCanBe(NOT_ALL_YET))
                .isNotNull();
    }

    private static HistorySearch<FenceWorld> search(Rules rules) {
        return new HistorySearch<>(STEPS, () -> new FenceWorld(rules), FenceWorld::fault);
    }
}
