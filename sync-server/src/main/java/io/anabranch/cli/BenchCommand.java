// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.cli.bench.ConsistencyBench;
import io.anabranch.cli.bench.ConsistencyOptions;
import io.anabranch.cli.bench.ConsistencyResult;
import io.anabranch.cli.bench.Guarantee;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        description = "Measures on this machine what others can only promise.",
        subcommands = BenchCommand.Consistency.class)
final class BenchCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to measure: consistency");
    }

    @Command(
            name = "consistency",
            description = {
                "Clients write at one replica, or at both, and read at another, with a relay between them, all in this"
                        + " process and over real HTTP on loopback. Says how often a read was stale, lacked the reader's"
                        + " own write, or went back, under each guarantee that a user can choose, and what that costs.",
                "Clients take turns, and equal seeds give equal operations; how long they take is the machine's."
            })
    static final class Consistency extends BaseCommand {
        @Option(names = "--ops", paramLabel = "N", description = "How many operations; 500 unless given.")
        private int operations = 500;

        @Option(names = "--keys", paramLabel = "N", description = "How many rows; 10 unless given.")
        private int keys = 10;

        @Option(
                names = "--write-ratio",
                paramLabel = "R",
                description = "The share of writes, from 0 to 1; 0.2 unless given.")
        private double writeRatio = 0.2;

        @Option(
                names = "--write-to",
                paramLabel = "SIDE",
                description =
                        "one: all write at the replica that nobody reads. both: half of the clients write at each."
                                + " one unless given.")
        private Side writeTo = Side.one;

        @Option(
                names = "--read-from",
                paramLabel = "SIDE",
                description = "one: all read at one replica. both: each read at either, by chance. one unless given.")
        private Side readFrom = Side.one;

        @Option(names = "--clients", paramLabel = "N", description = "How many clients take turns; 4 unless given.")
        private int clients = 4;

        @Option(
                names = "--guarantees",
                paramLabel = "LIST",
                description = "all, or names with commas between: none, read-here, reached-relay, reached-2,"
                        + " await-version. all unless given.")
        private String guarantees = "all";

        @Option(names = "--seed", paramLabel = "N", description = "Decides who does what; 1 unless given.")
        private long seed = 1;

        @Option(names = "--json", description = "Print one JSON document.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            ConsistencyOptions options;
            Set<Guarantee> chosen;
            try {
                options = new ConsistencyOptions(
                        operations, keys, writeRatio, writeTo == Side.both, readFrom == Side.both, clients, seed);
                chosen = Guarantee.parse(guarantees);
            } catch (IllegalArgumentException e) {
                throw wrongUsage(String.valueOf(e.getMessage()));
            }
            List<ConsistencyResult> results = new ArrayList<>();
            for (Guarantee guarantee : chosen) {
                results.add(measure(options, guarantee));
            }
            if (json) {
                Json.print(out(), document(options, results));
            } else {
                print(results);
            }
            return 0;
        }

        private static ConsistencyResult measure(ConsistencyOptions options, Guarantee guarantee) throws IOException {
            Path folder = Files.createTempDirectory("anabranch-bench-");
            try {
                return ConsistencyBench.run(options, guarantee, folder);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure("interrupted");
            } finally {
                delete(folder);
            }
        }

        private static void delete(Path folder) throws IOException {
            List<Path> files;
            try (Stream<Path> all = Files.walk(folder)) {
                files = all.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
        }

        private void print(List<ConsistencyResult> results) {
            TextTable table = new TextTable(
                    "GUARANTEE",
                    "WRITES",
                    "AVG MS",
                    "P95 MS",
                    "READS",
                    "AVG MS",
                    "P95 MS",
                    "STALE READS",
                    "OWN WRITE LACKING",
                    "WENT BACK",
                    "CONFLICTS");
            for (ConsistencyResult result : results) {
                table.add(
                        result.guarantee().toString(),
                        String.valueOf(result.writes().count()),
                        millis(result.writes().averageMillis()),
                        millis(result.writes().p95Millis()),
                        String.valueOf(result.reads().count()),
                        millis(result.reads().averageMillis()),
                        millis(result.reads().p95Millis()),
                        percent(result.staleReadRate()),
                        percent(result.readYourWritesViolationRate()),
                        percent(result.monotonicViolationRate()),
                        String.valueOf(result.conflicts()));
            }
            table.print(out());
        }

        private static String millis(double millis) {
            return String.format(Locale.ROOT, "%.2f", millis);
        }

        private static String percent(double rate) {
            return String.format(Locale.ROOT, "%.1f %%", 100 * rate);
        }

        private static Map<String, Object> document(ConsistencyOptions options, List<ConsistencyResult> results) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("ops", options.operations());
            document.put("keys", options.keys());
            document.put("write_ratio", options.writeRatio());
            document.put("write_to", options.writeToBoth() ? "both" : "one");
            document.put("read_from", options.readFromBoth() ? "both" : "one");
            document.put("clients", options.clients());
            document.put("seed", options.seed());
            List<Object> rows = new ArrayList<>();
            results.forEach(result -> rows.add(row(result)));
            document.put("results", rows);
            return document;
        }

        private static Map<String, Object> row(ConsistencyResult result) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("guarantee", result.guarantee().toString());
            row.put("writes", result.writes().count());
            row.put("write_avg_ms", result.writes().averageMillis());
            row.put("write_p95_ms", result.writes().p95Millis());
            row.put("reads", result.reads().count());
            row.put("read_avg_ms", result.reads().averageMillis());
            row.put("read_p95_ms", result.reads().p95Millis());
            row.put("stale_read_rate", result.staleReadRate());
            row.put("ryw_violation_rate", result.readYourWritesViolationRate());
            row.put("monotonic_violation_rate", result.monotonicViolationRate());
            row.put("conflicts", result.conflicts());
            return row;
        }

        /** Spelled as on the command line. */
        enum Side {
            one,
            both
        }
    }
}
