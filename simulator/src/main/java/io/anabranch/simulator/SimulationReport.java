// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a run went.
 *
 * @param trace a hash over all that happened: equal options give equal traces
 * @param counts how often each kind of step, and each fault, occurred
 * @param lines what happened, for people
 * @param failure what did not hold; null if all did
 */
public record SimulationReport(
        SimulationOptions options,
        String trace,
        SortedMap<String, Long> counts,
        List<String> lines,
        @Nullable Failure failure) {
    public SimulationReport {
        counts = new TreeMap<>(counts);
        lines = List.copyOf(lines);
    }

    /** Adds these counts to {@code sums}. */
    public void addTo(Map<String, Long> sums) {
        counts.forEach((name, count) -> sums.merge(name, count, Long::sum));
    }

    /**
     * What did not hold.
     *
     * @param oracle what checks it
     * @param scenario the steps that are needed to see it
     */
    public record Failure(String oracle, String message, List<String> scenario) {
        public Failure {
            scenario = List.copyOf(scenario);
        }
    }
}
