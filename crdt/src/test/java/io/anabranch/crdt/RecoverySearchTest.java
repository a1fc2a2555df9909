// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.RowCells.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
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

    /** A step and what it does. */
    private record Step(String name, Predicate<StarWorld> act) {}

    private static final List<Step> STEPS = steps();

    private static List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < StarWorld.REPLICAS; i++) {
            int replica = i;
            for (Write write : List.of(Write.INSERT, Write.PUT, Write.ADD, Write.DELETE)) {
                steps.add(new Step(replica + " " + write, world -> world.write(replica, write)));
            }
            steps.add(new Step(replica + " purges", world -> world.purge(replica)));
            if (i > 0) {
                addMeetings(steps, replica, 0);
                addMeetings(steps, 0, replica);
                steps.add(new Step(replica + " is backed up", world -> world.backUp(replica)));
                steps.add(new Step(replica + " is restored", world -> world.restore(replica)));
                steps.add(new Step(replica + " is cloned", world -> world.cloneOnto(replica, 3 - replica)));
            }
        }
        steps.add(new Step("0 cuts its log", world -> world.cut(0)));
        return steps;
    }

    private static void addMeetings(List<Step> steps, int i, int from) {
        steps.add(new Step(i + " pulls " + from, world -> world.pull(i, from, Integer.MAX_VALUE)));
        steps.add(new Step(i + " pulls one of " + from, world -> world.pull(i, from, 1)));
        steps.add(new Step(i + " joins " + from, world -> world.join(i, from)));
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void everyShortHistoryLosesNothingAndEndsEqual(DeletePolicy policy) {
        assertThat(shortestFault(StarWorld.Rules.shipped(policy))).isNull();
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void longRandomHistoriesLoseNothingAndEndEqual(DeletePolicy policy) {
        assertThat(randomFault(StarWorld.Rules.shipped(policy), RANDOM_HISTORIES))
                .isNull();
    }

    @Test
    void withoutDetectionOfForksWritesAreLost() {
        assertThat(shortestFault(broken(StarWorld.Fence.BY_CONTEXT, false))).isNotNull();
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
            assertThat(play(StarWorld.Rules.shipped(DeletePolicy.EDIT_WINS), history))
                    .isNull();
        }
    }

    @Test
    void withoutAFenceItBringsBackHalfOfIt() {
        assertThat(play(broken(StarWorld.Fence.NONE, true), AWAY)).isNotNull();
    }

    @Test
    void aFenceByTheVectorInsteadOfTheContextLetsItPass() {
        assertThat(play(broken(StarWorld.Fence.BY_VECTOR, true), PULLED_SINCE)).isNotNull();
    }

    private static StarWorld.Rules broken(StarWorld.Fence fence, boolean detects) {
        return new StarWorld.Rules(DeletePolicy.EDIT_WINS, fence, detects);
    }

    // ---- The search

    private static @Nullable String play(StarWorld.Rules rules, String history) {
        StarWorld world = new StarWorld(rules);
        for (String name : history.split(", ")) {
            Step step = STEPS.stream()
                    .filter(each -> each.name.equals(name))
                    .findFirst()
                    .orElseThrow();
            assertThat(step.act.test(world)).as(name).isTrue();
        }
        return world.fault();
    }

    private static @Nullable String shortestFault(StarWorld.Rules rules) {
        for (int depth = 1; depth <= DEPTH; depth++) {
            String fault = extend(rules, new ArrayList<>(), depth);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private static @Nullable String extend(StarWorld.Rules rules, List<Step> path, int depth) {
        for (Step step : STEPS) {
            path.add(step);
            StarWorld world = replay(rules, path);
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
    private static @Nullable StarWorld replay(StarWorld.Rules rules, List<Step> path) {
        StarWorld world = new StarWorld(rules);
        boolean did = true;
        for (Step step : path) {
            did = step.act.test(world);
        }
        return did ? world : null;
    }

    private static @Nullable String randomFault(StarWorld.Rules rules, int histories) {
        Random random = new Random(11);
        for (int i = 0; i < histories; i++) {
            StarWorld world = new StarWorld(rules);
            List<Step> path = new ArrayList<>();
            int length = 4 + random.nextInt(20);
            for (int tries = 0; path.size() < length && tries < 6 * length; tries++) {
                Step step = STEPS.get(random.nextInt(STEPS.size()));
                if (step.act.test(world)) {
                    path.add(step);
                }
            }
            String fault = world.fault();
            if (fault != null) {
                return names(path) + ": " + fault;
            }
        }
        return null;
    }

    private static String names(List<Step> path) {
        List<String> names = new ArrayList<>();
        path.forEach(step -> names.add(step.name));
        return names.toString();
    }
}
