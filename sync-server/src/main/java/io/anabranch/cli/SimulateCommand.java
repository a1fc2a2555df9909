// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.ShippedRelays;
import io.anabranch.simulator.Fault;
import io.anabranch.simulator.Simulation;
import io.anabranch.simulator.SimulationOptions;
import io.anabranch.simulator.SimulationReport;
import io.anabranch.simulator.Topology;
import io.anabranch.simulator.TraceVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "simulate",
        description =
                "Lets replicas and a relay write, exchange and fail in one process, on virtual time, as a seed says,"
                        + " and checks after every step that what must hold does. Prints a hash over all that happened: equal"
                        + " seeds give equal traces.")
final class SimulateCommand extends BaseCommand {
    private static final int OTHER_TRACE = 3;
    /** How long the run that is under way may take to its end when the process is told to end. */
    private static final long PATIENCE_SECONDS = 10;

    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([smh])");

    @Option(names = "--seed", paramLabel = "N", description = "What decides everything; 1 unless given.")
    private @Nullable Long seed;

    @Option(names = "--replicas", paramLabel = "N", description = "How many replicas, from 2 to 50; 3 unless given.")
    private int replicas = 3;

    @Option(
            names = "--topology",
            paramLabel = "T",
            description =
                    "Who asks whom: ring, star, mesh, tree, random or changing; mesh unless given. All but ring and"
                            + " mesh have a relay.")
    private String topology = "mesh";

    @Option(
            names = "--ops",
            paramLabel = "N",
            description = "How many steps, from 1 to 100000: writes, exchanges, faults; 200 unless given.")
    private int ops = 200;

    @Option(
            names = "--faults",
            paramLabel = "LIST",
            description =
                    "all: about half of all faults, which the seed chooses. none. Or names with commas between, such"
                            + " as loss,crash. all unless given.")
    private String faults = "all";

    @Option(names = "--in-memory", description = "Keep the databases in memory: faster, and without power-cut.")
    private boolean inMemory;

    @Option(
            names = "--from",
            paramLabel = "SEED",
            description = "With --for: the first of many seeds. The last line says where to go on.")
    private @Nullable Long from;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description =
                    "Run seed after seed for so long, such as 90s, 30m or 2h, and add up what occurred; Ctrl-C ends it sooner.")
    private @Nullable String duration;

    @Option(
            names = "--expect",
            paramLabel = "TRACE",
            description = "With one seed: exit with 3 unless the run has this trace.")
    private @Nullable String expected;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Override
    public Integer call() {
        if (from != null && duration == null) {
            throw wrongUsage("--from without --for: give both, or one seed with --seed");
        }
        if (expected != null) {
            checkTrace(expected);
        }
        if (expected != null && duration != null) {
            throw wrongUsage("--expect contradicts --for, which runs many seeds: give --seed");
        }
        if (duration == null) {
            return one(options(seed == null ? 1 : seed));
        }
        if (seed != null) {
            throw wrongUsage("--seed contradicts --for, which runs many: give --from SEED to say which is first");
        }
        return many(options(from == null ? 1 : from), parse(duration));
    }

    private void checkTrace(String trace) {
        try {
            TraceVersion.check(trace);
        } catch (IllegalArgumentException e) {
            throw wrongUsage("--expect: " + e.getMessage());
        }
    }

    private SimulationOptions options(long first) {
        try {
            Set<Fault> allowed = Fault.parse(faults);
            return new SimulationOptions(
                    first,
                    replicas,
                    Topology.of(topology),
                    ops,
                    allowed,
                    faults.equals("all"),
                    !inMemory,
                    ShippedRelays.keepingLittle());
        } catch (IllegalArgumentException e) {
            throw wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    private Duration parse(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw wrongUsage("--for " + text + " is no length of time: it looks like 90s, 30m or 2h");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    // ---- One seed

    private int one(SimulationOptions options) {
        SimulationReport report = Simulation.run(options);
        if (json) {
            Json.print(out(), document(report));
        } else {
            print(report);
        }
        if (report.failure() != null) {
            return 1;
        }
        if (expected != null && !expected.equals(report.trace())) {
            err().println("anabranch: the trace is not " + expected + " but " + report.trace()
                    + ": give the options that it was made with, to the same build of the program");
            return OTHER_TRACE;
        }
        return 0;
    }

    private void print(SimulationReport report) {
        SimulationOptions options = report.options();
        out().println("seed " + options.seed() + ", " + options.replicas() + " replicas, " + options.topology() + ", "
                + options.ops() + " ops, faults " + faults);
        report.counts().forEach((what, count) -> out().println("  " + count + " " + what));
        printFailure(report);
        out().println("trace " + report.trace());
    }

    private void printFailure(SimulationReport report) {
        SimulationReport.Failure failure = report.failure();
        if (failure != null) {
            out().println("FAILED with seed " + report.options().seed() + ": " + failure.message());
            out().println("steps that are enough, " + failure.scenario().size() + ":");
            report.lines().forEach(line -> out().println("  " + line));
        }
    }

    private static Map<String, @Nullable Object> document(SimulationReport report) {
        SimulationOptions options = report.options();
        SimulationReport.Failure failure = report.failure();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("seed", options.seed());
        document.put("replicas", options.replicas());
        document.put("topology", options.topology().toString());
        document.put("ops", options.ops());
        document.put("trace", report.trace());
        document.put("ok", failure == null);
        document.put("counts", report.counts());
        document.put("failure", failure == null ? null : document(failure, report.lines()));
        return document;
    }

    private static Map<String, Object> document(SimulationReport.Failure failure, List<String> lines) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("oracle", failure.oracle());
        document.put("message", failure.message());
        document.put("scenario", failure.scenario());
        document.put("lines", lines);
        return document;
    }

    // ---- Many seeds

    private int many(SimulationOptions first, Duration time) {
        long until = System.nanoTime() + time.toNanos();
        Sums sums = new Sums(first.seed());
        try (UntilStopped untilStopped = new UntilStopped(PATIENCE_SECONDS, sums::print)) {
            do {
                sums.add(Simulation.run(sums.next(first)));
            } while (System.nanoTime() < until && !untilStopped.isStopping());
            int exitCode = sums.print();
            untilStopped.exitWith(exitCode);
            return exitCode;
        }
    }

    /** What many runs came to so far. Printed once, also by the thread that ends the process in the middle of a long run. */
    private final class Sums {
        private final long from;
        private final TreeMap<String, Long> counts = new TreeMap<>();
        private final List<Long> failed = new ArrayList<>();
        private long next;
        private boolean isPrinted;

        Sums(long from) {
            this.from = from;
            this.next = from;
        }

        synchronized SimulationOptions next(SimulationOptions options) {
            return options.withSeed(next);
        }

        synchronized void add(SimulationReport report) {
            report.addTo(counts);
            if (report.failure() != null) {
                failed.add(next);
                if (!json) {
                    printFailure(report);
                }
            }
            next++;
        }

        /** Returns the exit code. */
        synchronized int print() {
            if (!isPrinted) {
                isPrinted = true;
                if (json) {
                    Json.print(out(), document());
                } else {
                    counts.forEach((what, count) -> out().println("  " + count + " " + what));
                    out().println(next - from + " runs, " + failed.size() + " failed"
                            + (failed.isEmpty() ? "" : ": seeds " + failed) + "; go on with --from " + next);
                }
                out().flush();
            }
            return failed.isEmpty() ? 0 : 1;
        }

        private Map<String, Object> document() {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("from", from);
            document.put("next", next);
            document.put("runs", next - from);
            document.put("failed", failed);
            document.put("counts", counts);
            return document;
        }
    }
}
