// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.HistorySearch.Step;
import io.anabranch.crdt.RowCells.Write;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tries every short history, and long ones at random, of a relay that purges and cuts its log when it pleases, and of replicas
 * that are restored and cloned: nothing is lost and all end equal. Rules that are broken on purpose must be caught.
 */
class RecoverySearchTest {
    private static final boolean LONG = Boolean.getBoolean("anabranch.long");
    private static final int DEPTH = LONG ? 5 : 4;
    private static final int RANDOM_HISTORIES = LONG ? 1_000_000 : 10_000;

    private static final List<Step<StarWorld>> STEPS = steps();

    private static List<Step<StarWorld>> steps() {
        List<Step<StarWorld>> steps = new ArrayList<>();
        for (int i = 0; i < StarWorld.REPLICAS; i++) {
            int replica = i;
            for (Write write : List.of(Write.INSERT, Write.PUT, Write.ADD, Write.DELETE)) {
                steps.add(new Step<>(replica + " " + write, world -> world.write(replica, write)));
            }
            steps.add(new Step<>(replica + " purges", world -> world.purge(replica)));
            if (i > 0) {
                addMeetings(steps, replica, 0);
                addMeetings(steps, 0, replica);
                steps.add(new Step<>(replica + " is backed up", world -> world.backUp(replica)));
                steps.add(new Step<>(replica + " is restored", world -> world.restore(replica)));
                steps.add(new Step<>(replica + " is cloned", world -> world.cloneOnto(replica, 3 - replica)));
            }
        }
        steps.add(new Step<>("0 cuts its log", world -> world.cut(0)));
        return steps;
    }

    private static void addMeetings(List<Step<StarWorld>> steps, int i, int from) {
        steps.add(new Step<>(i + " pulls " + from, world -> world.pull(i, from, Integer.MAX_VALUE)));
        steps.add(new Step<>(i + " pulls one of " + from, world -> world.pull(i, from, 1)));
        steps.add(new Step<>(i + " joins " + from, world -> world.join(i, from)));
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void everyShortHistoryLosesNothingAndEndsEqual(DeletePolicy policy) {
        assertThat(search(StarWorld.Rules.shipped(policy)).shortestFault(DEPTH)).isNull();
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void longRandomHistoriesLoseNothingAndEndEqual(DeletePolicy policy) {
        assertThat(search(StarWorld.Rules.shipped(policy)).randomFault(RANDOM_HISTORIES))
                .isNull();
    }

    @Test
    void withoutDetectionOfForksWritesAreLost() {
        assertThat(search(broken(StarWorld.Fence.BY_CONTEXT, false)).shortestFault(DEPTH))
                .isNotNull();
    }

    /** A replica was away, and edits a row that was deleted and purged meanwhile. */
    private static final String AWAY = "0 INSERT, 1 pulls 0, 0 DELETE, 0 purges, 1 ADD";

    /** It pulls after it wrote, so that its vector no longer shows what it had not seen when it did. */
    private static final String PULLED_SINCE = "0 INSERT, 1 pulls 0, 1 ADD, 0 DELETE, 1 pulls 0, 0 purges";

    /** It edits a row that is two lives, since two had inserted it apart; its clone sees both deleted. */
    private static final String TWO_LIVES = "1 INSERT, 0 INSERT, 2 joins 0, 2 PUT, 0 pulls 2, 0 pulls 1, 0 DELETE,"
            + " 0 purges, 2 pulls one of 0, 2 is cloned, 2 PUT, 2 ADD";

    @Test
    void anEditOfAPurgedRowBringsItBackWholeForAll() {
        for (String history : List.of(AWAY, PULLED_SINCE, TWO_LIVES)) {
            assertThat(search(StarWorld.Rules.shipped(DeletePolicy.EDIT_WINS)).play(history))
                    .isNull();
        }
    }

    @Test
    void withoutAFenceItBringsBackHalfOfIt() {
        assertThat(search(broken(StarWorld.Fence.NONE, true)).play(AWAY)).isNotNull();
    }

    @Test
    void aFenceByTheVectorInsteadOfTheContextLetsItPass() {
        assertThat(search(broken(StarWorld.Fence.BY_VECTOR, true)).play(PULLED_SINCE))
                .isNotNull();
    }

    private static StarWorld.Rules broken(StarWorld.Fence fence, boolean detects) {
        return new StarWorld.Rules(DeletePolicy.EDIT_WINS, fence, detects);
    }

    private static HistorySearch<StarWorld> search(StarWorld.Rules rules) {
        return new HistorySearch<>(STEPS, () -> new StarWorld(rules), StarWorld::fault);
    }
}
