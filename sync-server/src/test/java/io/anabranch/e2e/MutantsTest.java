// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.anabranch.server.ShippedRelays;
import io.anabranch.simulator.Fault;
import io.anabranch.simulator.Simulation;
import io.anabranch.simulator.SimulationOptions;
import io.anabranch.simulator.SimulationReport;
import io.anabranch.simulator.Topology;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Would simulations notice? Each {@link Mutant} is a mistake in the shipped code, and a seed must show it. */
class MutantsTest {
    private static final int SEEDS = 300;

    @ParameterizedTest
    @EnumSource
    void aMistakeIsNoticed(Mutant mutant) throws Exception {
        assertThat(probe(mutant.patches).apply(mutant.scene)).as(mutant.scene).isNotEmpty();
    }

    @Test
    void withoutAMistakeTheSameRunsShowNone() throws Exception {
        UnaryOperator<String> run = probe(List.of());
        for (Mutant mutant : Mutant.values()) {
            assertThat(run.apply(mutant.scene)).as("%s", mutant).isEmpty();
        }
    }

    /** By one of the seeds that were not chosen, and otherwise by the same run. */
    @ParameterizedTest
    @EnumSource
    @EnabledIfSystemProperty(named = "anabranch.long", matches = "true")
    void aMistakeIsNoticedByOtherSeeds(Mutant mutant) throws Exception {
        UnaryOperator<String> run = probe(mutant.patches);
        assumeTrue(Character.isDigit(mutant.scene.charAt(0)), "no seed plays " + mutant.scene);
        String[] words = mutant.scene.split(" ", 2);
        String rest = words.length == 1 ? "" : " " + words[1];
        int seed = 10_000;
        while (seed < 10_000 + SEEDS && run.apply(seed + rest).isEmpty()) {
            seed++;
        }
        System.out.println(mutant + ": the " + (seed - 9_999) + "th seed");
        assertThat(seed).isLessThan(10_000 + SEEDS);
    }

    /** Returns what runs a scene with classes of its own, and answers which oracle it fails; empty if none. */
    @SuppressWarnings("unchecked")
    private static UnaryOperator<String> probe(List<Patch> patches) throws Exception {
        return (UnaryOperator<String>) new PatchedClasses(patches)
                .loadClass(Probe.class.getName())
                .getDeclaredConstructor()
                .newInstance();
    }

    /** Public, since it is of another package once other class loaders have loaded it. */
    public static final class Probe implements UnaryOperator<String> {
        @Override
        public String apply(String scene) {
            if (scene.equals(EffectFirst.NAME)) {
                return EffectFirst.play();
            }
            if (scene.equals(LateEdit.NAME)) {
                return LateEdit.play();
            }
            SimulationReport report = Simulation.runOnce(options(scene.split(" ")));
            return report.failure() == null ? "" : report.failure().oracle();
        }

        private static SimulationOptions options(String[] words) {
            long seed = Long.parseLong(words[0]);
            return words.length == 1
                    ? SeedsTest.options(seed, 30, false)
                    : new SimulationOptions(
                            seed,
                            3,
                            Topology.of(words[1]),
                            Integer.parseInt(words[2]),
                            Fault.parse(words[3]),
                            false,
                            false,
                            ShippedRelays.keepingLittle());
        }
    }
}
