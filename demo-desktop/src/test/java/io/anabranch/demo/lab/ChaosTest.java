// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.simulator.Crash;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chaos, without its ten seconds. */
@Execution(ExecutionMode.CONCURRENT)
class ChaosTest {
    private static final double PACE = 0.01;

    /** Threads of a process that was killed end as it did; that is no news. */
    @BeforeAll
    static void letTheDeadRest() {
        Thread.UncaughtExceptionHandler usual = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            if (!(e instanceof Crash) && usual != null) {
                usual.uncaughtException(thread, e);
            }
        });
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void settlesOnceItIsHealed(long seed) throws InterruptedException {
        try (Lab lab = Lab.temporary()) {
            lab.begin(3, Topology.values()[(int) (seed % 3)]);
            Chaos.run(lab, seed, PACE, () -> false);
            lab.heal();
            Waiting.untilSettled(lab);
            assertThat(lab.timeline().size()).as("change sets").isGreaterThan(25);
            assertThat(lab.board(1).items()).isEqualTo(lab.board(0).items());
            assertThat(lab.board(2).items()).isEqualTo(lab.board(0).items());
        }
    }

    @Test
    void oneSeedIsOnePlan() {
        assertThat(Chaos.plan(42)).isEqualTo(Chaos.plan(42)).isNotEqualTo(Chaos.plan(43));
        assertThat(Chaos.plan(42)).allMatch(act -> act.atMillis() < Chaos.LENGTH.toMillis());
    }

    @Test
    void theSeedsThatAreTriedDoAllThatThereIs() {
        Set<Chaos.Kind> kinds = EnumSet.noneOf(Chaos.Kind.class);
        for (long seed = 1; seed <= 20; seed++) {
            Chaos.plan(seed).forEach(act -> kinds.add(act.kind()));
        }
        assertThat(kinds).containsExactlyInAnyOrder(Chaos.Kind.values());
    }

    @Test
    void itCanBeEndedEarly() throws InterruptedException {
        try (Lab lab = Lab.temporary()) {
            lab.begin(1, Topology.STAR);
            Chaos.run(lab, 1, 1_000, () -> true);
            assertThat(lab.board(0).items()).hasSize(4);
        }
    }
}
