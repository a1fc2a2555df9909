// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the fewest steps of a scenario that break the same thing, by leaving out ever smaller parts (Zeller and Hildebrandt,
 * "Simplifying and isolating failure-inducing input", IEEE TSE 28(2), 2002). Ends after a number of steps, whatever it has by then.
 */
final class Minimiser {
    /** As many as take a few minutes at most, and the same on every machine. */
    private static final int MOST_STEPS = 20_000;

    private final SimulationOptions options;
    private final Set<Fault> faults;
    private SimulationReport best;
    private int stepsRun;

    Minimiser(SimulationOptions options, Set<Fault> faults, SimulationReport failed) {
        this.options = options;
        this.faults = faults;
        this.best = failed;
    }

    /** Returns the report of the shortest run that fails likewise, under the first one's trace. */
    SimulationReport minimise(List<Step> steps) {
        String trace = best.trace();
        List<Step> fewest = steps;
        int parts = 2;
        while (fewest.size() > 1 && stepsRun < MOST_STEPS) {
            List<Step> fewer = withoutOnePart(fewest, parts);
            if (fewer != null) {
                fewest = fewer;
                parts = Math.max(2, parts - 1);
            } else if (parts < fewest.size()) {
                parts = Math.min(fewest.size(), parts * 2);
            } else {
                break;
            }
        }
        return new SimulationReport(options, trace, best.counts(), best.lines(), best.failure());
    }

    private @Nullable List<Step> withoutOnePart(List<Step> steps, int parts) {
        int size = (steps.size() + parts - 1) / parts;
        for (int from = 0; from < steps.size() && stepsRun < MOST_STEPS; from += size) {
            List<Step> rest = new ArrayList<>(steps.subList(0, from));
            rest.addAll(steps.subList(Math.min(steps.size(), from + size), steps.size()));
            if (fails(rest)) {
                return rest;
            }
        }
        return null;
    }

    private boolean fails(List<Step> steps) {
        stepsRun += steps.size();
        SimulationReport report = new Run(options, faults, steps).run();
        boolean same = report.failure() != null
                && best.failure() != null
                && report.failure().oracle().equals(best.failure().oracle());
        if (same) {
            best = report;
        }
        return same;
    }
}
