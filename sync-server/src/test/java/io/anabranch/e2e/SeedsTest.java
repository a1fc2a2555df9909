// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.ShippedRelays;
import io.anabranch.simulator.Fault;
import io.anabranch.simulator.Oracle;
import io.anabranch.simulator.Simulation;
import io.anabranch.simulator.SimulationOptions;
import io.anabranch.simulator.SimulationReport;
import io.anabranch.simulator.Topology;
import java.util.EnumSet;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Simulations by the thousand. A seed that fails is run alone by {@code anabranch simulate} with what the failure says. */
class SeedsTest {
    private static final int IN_MEMORY = Integer.getInteger("anabranch.seeds", 1_900);
    private static final int ON_FILES = IN_MEMORY / 19;

    @Test
    void nothingBreaksInShortRunsInMemory() {
        assertNothingBreaks(1, IN_MEMORY, 30, false);
    }

    @Test
    void nothingBreaksInLongerRunsOnFiles() {
        assertNothingBreaks(1_000_001, ON_FILES, 120, true);
    }

    private static void assertNothingBreaks(long first, int runs, int ops, boolean onFiles) {
        Map<String, Long> counts = new TreeMap<>();
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        LongStream.range(first, first + runs).parallel().forEach(seed -> {
            SimulationReport report = Simulation.run(options(seed, ops, onFiles));
            synchronized (counts) {
                report.addTo(counts);
            }
            if (report.failure() != null) {
                failures.add(report.options() + "\n" + report.failure().message() + "\n"
                        + String.join("\n", report.lines()));
            }
        });
        System.out.println(runs + " runs: " + counts);
        assertThat(failures).isEmpty();
        // Had the faults not occurred, or nobody looked, nothing would have been shown.
        for (Fault fault : EnumSet.allOf(Fault.class)) {
            boolean possible = onFiles || fault != Fault.POWER_CUT;
            assertThat(counts.containsKey("fault " + fault)).as("%s", fault).isEqualTo(possible);
        }
        // Some oracles are asked in few runs, and there are few on files.
        for (Oracle oracle : onFiles ? EnumSet.noneOf(Oracle.class) : EnumSet.allOf(Oracle.class)) {
            assertThat(counts).containsKey("checked " + oracle);
        }
    }

    static SimulationOptions options(long seed, int ops, boolean onFiles) {
        Topology[] topologies = Topology.values();
        Topology topology = topologies[(int) (seed % topologies.length)];
        int replicas = 2 + (int) (seed / topologies.length % 3);
        return new SimulationOptions(
                seed,
                replicas,
                topology,
                ops,
                EnumSet.allOf(Fault.class),
                true,
                onFiles,
                ShippedRelays.keepingLittle());
    }
}
