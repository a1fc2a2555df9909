// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One run of a world that a seed describes: writes, exchanges and faults, with everything that must hold checked after each
 * step; then all faults end, and all replicas have to agree within a bounded number of rounds.
 */
public final class Simulation {
    private Simulation() {}

    /** Runs it, and on a failure looks for the fewest steps that show it too. Takes what the steps take; see the options. */
    public static SimulationReport run(SimulationOptions options) {
        return run(options, true);
    }

    /** Runs it, and tells of a failure with all the steps that there were. */
    public static SimulationReport runOnce(SimulationOptions options) {
        return run(options, false);
    }

    private static SimulationReport run(SimulationOptions options, boolean minimises) {
        Random random = new Random(spread(options.seed()));
        Set<Fault> possible = options.possibleFaults();
        Set<Fault> faults = options.swarm() ? Fault.swarm(possible, random) : possible;
        List<Step> steps = Scenario.draw(options.ops(), faults, options.relays() > 0, random);
        SimulationReport report = new Run(options, faults, steps).run();
        boolean isEnough = report.failure() == null || !minimises;
        return isEnough ? report : new Minimiser(options, faults, report).minimise(steps);
    }

    /** Neighbouring seeds would draw alike at first. */
    static long spread(long seed) {
        long bits = (seed ^ seed >>> 30) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
        return bits ^ bits >>> 31;
    }
}
