// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.simulator.SimulationReport.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Carries out the steps of one scenario in one world, and lets the oracles look after each. */
final class Run {
    private static final int MOST_NESTED = 3;
    private static final int ENROL_EACH_ONCE_IN = 8;

    private final SimulationOptions options;
    private final Set<Fault> faults;
    private final List<Step> steps;
    private final Trace trace = new Trace();
    private final SortedMap<String, Long> counts = new TreeMap<>();
    /** The next step; those that happen while a message is under way are taken from the same list. */
    private int next;

    private int depth;

    Run(SimulationOptions options, Set<Fault> faults, List<Step> steps) {
        this.options = options;
        this.faults = faults;
        this.steps = steps;
    }

    SimulationReport run() {
        trace.add("anabranch trace 4: seed " + options.seed() + ", " + options.replicas() + " replicas, "
                + options.topology() + ", " + steps.size() + " steps, faults "
                + faults.stream().map(Fault::toString).collect(Collectors.joining(",")));
        faults.forEach(fault -> count("fault " + fault));
        Failure failure = null;
        try (SyncWorld world = world()) {
            Actor actor = new Actor(world, faults, options.seed(), this::meanwhile);
            failure = run(actor);
            world.checks().asked().forEach((oracle, times) -> count("checked " + oracle, times));
        }
        return new SimulationReport(options, trace.finish(), counts, trace.lines(), failure);
    }

    private @Nullable Failure run(Actor actor) {
        try {
            while (next < steps.size()) {
                step(actor);
            }
            trace.add(actor.end());
            count("checked " + Oracle.NO_SURPRISE);
            count("messages", actor.archive().messages());
            count("change sets carried", actor.archive().carried());
            count("acknowledged entries", actor.ledger().acknowledgedWrites());
            return null;
        } catch (Violation e) {
            return failure(e.oracle(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | AssertionError | Crash e) {
            return failure(Oracle.NO_SURPRISE, describe(e));
        }
    }

    private Failure failure(Oracle oracle, String message) {
        trace.add("FAILED " + message);
        return new Failure(
                oracle.toString(), message, steps.stream().map(Step::toString).collect(Collectors.toList()));
    }

    private void step(Actor actor) {
        Step step = steps.get(next++);
        String outcome = actor.act(step);
        count("step " + step.kind());
        trace.add("  ".repeat(depth) + step + ": " + outcome);
    }

    /** Others act while a message is under way. */
    private void meanwhile(Actor actor) {
        if (depth < MOST_NESTED && next < steps.size()) {
            depth++;
            try {
                step(actor);
            } finally {
                depth--;
            }
        }
    }

    private SyncWorld world() {
        // Most begin as copies of one file; now and then each enrols the same tables on its own.
        boolean enrolsEach = Simulation.spread(options.seed()) % ENROL_EACH_ONCE_IN == 0;
        SyncWorld.Builder world = SyncWorld.seeded(options.seed())
                .replicas(options.replicas())
                .topology(options.topology())
                .beginning(name -> beginsEmpty(name) || enrolsEach ? null : Template.image(options.onFiles()))
                .opening(Workload::opening)
                .setUp(replica -> {
                    if (enrolsEach && !beginsEmpty(replica.name())) {
                        Workload.setUp(replica);
                    }
                });
        RelayFiles relay = options.relay();
        if (relay != null) {
            world.relays(options.relays(), relay);
        }
        return options.onFiles() ? world.onFiles().start() : world.start();
    }

    private boolean beginsEmpty(String replica) {
        long draw = Simulation.spread(options.seed() + replica.hashCode());
        return faults.contains(Fault.MIXED_SCHEMA) && !replica.equals("r0") && new Random(draw).nextBoolean();
    }

    private void count(String what) {
        count(what, 1);
    }

    private void count(String what, long times) {
        counts.merge(what, times, Long::sum);
    }

    /** Returns what was thrown and where, with its causes. */
    private static String describe(Throwable thrown) {
        List<String> causes = new ArrayList<>();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            StackTraceElement[] trace = cause.getStackTrace();
            StringBuilder where = new StringBuilder();
            for (int i = 0; i < Math.min(trace.length, 12); i++) {
                where.append("\n    at ").append(trace[i]);
            }
            causes.add(cause + where.toString());
        }
        return String.join("\n  caused by ", causes);
    }
}
