// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Questions: what does capture and seal cost over the same inserts into plain SQLite, through the same driver with the same
 * durability? How fast does a fresh replica receive 100,000 rows over HTTP?
 *
 * <p>Data: rows of five columns and a random text key of 16 characters, about 120 bytes each. Unit: seconds of CPU of all
 * threads of the process, median of five runs after a warm-up, plain and replica in turn; rows per second of wall clock.
 */
public final class EngineBench {
    private static final int RUNS = 5;
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;
    private static final String CREATE =
            "CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, place TEXT, price REAL, note TEXT, stock INTEGER)";
    private static final String INSERT = "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?)";
    private static final String SPACE = "bench";

    private final PrintStream out;
    private final Path folder;
    private int files;

    private EngineBench(PrintStream out, Path folder) {
        this.out = out;
        this.folder = folder;
    }

    /** Runs all. Prints a table. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("anabranch-bench");
        System.setProperty("user.home", folder.toString()); // So that nothing stays in the user's state folder.
        try {
            EngineBench bench = new EngineBench(new PrintStream(System.out, true, StandardCharsets.UTF_8), folder);
            bench.captureAndSeal(1, 2_000);
            bench.captureAndSeal(100, 50_000);
            bench.captureAndSeal(1_000, 100_000);
            bench.receive(100_000, 1_000);
        } finally {
            delete(folder);
        }
    }

    // ---- Capture and seal

    private void captureAndSeal(int batch, int rows) {
        double[] plain = new double[RUNS];
        double[] replica = new double[RUNS];
        long plainBytes = 0;
        long replicaBytes = 0;
        for (int run = -1; run < RUNS; run++) {
            Path plainFile = file();
            Path replicaFile = file();
            double plainSeconds = plainInserts(plainFile, batch, rows);
            double replicaSeconds = replicaInserts(replicaFile, batch, rows);
            if (run >= 0) {
                plain[run] = plainSeconds;
                replica[run] = replicaSeconds;
            }
            plainBytes = size(plainFile);
            replicaBytes = size(replicaFile);
        }
        out.printf(
                Locale.ROOT,
                "inserts in batches of %,5d: plain %6.2f us/row  replica %6.2f us/row  ratio %.2f  file ratio %.2f%n",
                batch,
                median(plain) / rows * 1e6,
                median(replica) / rows * 1e6,
                median(replica) / median(plain),
                (double) replicaBytes / plainBytes);
    }

    private static double plainInserts(Path file, int batch, int rows) {
        try (SqlDatabase db = new JdbcDriver().open(file, BUSY_TIMEOUT_MILLIS)) {
            db.execute("PRAGMA journal_mode = WAL");
            db.execute("PRAGMA synchronous = FULL");
            db.execute(CREATE);
            Random random = new Random(1);
            long start = cpuNanos();
            for (int done = 0; done < rows; done += batch) {
                db.execute("BEGIN IMMEDIATE");
                for (int i = 0; i < batch; i++) {
                    Object[] row = row(random, done + i);
                    SqlStatement insert = db.prepare(INSERT);
                    insert.bind(1, (String) row[0]).bind(2, (String) row[1]).bind(3, (String) row[2]);
                    insert.bind(4, Value.of((Double) row[3]));
                    insert.bind(5, (String) row[4]).bind(6, (Long) row[5]);
                    insert.run();
                }
                db.execute("COMMIT");
            }
            return (cpuNanos() - start) / 1e9;
        }
    }

    private static double replicaInserts(Path file, int batch, int rows) {
        try (Replica replica = Replica.create(file, SPACE)) {
            replica.execute(CREATE);
            replica.enrol("item", TableRules.defaults().counter("stock"));
            return fill(replica, batch, rows);
        }
    }

    private static double fill(Replica replica, int batch, int rows) {
        Random random = new Random(1);
        long start = cpuNanos();
        for (int done = 0; done < rows; done += batch) {
            int from = done;
            replica.transaction(sql -> {
                for (int i = 0; i < batch; i++) {
                    sql.execute(INSERT, row(random, from + i));
                }
            });
        }
        return (cpuNanos() - start) / 1e9;
    }

    private static Object[] row(Random random, int i) {
        String id = String.format(Locale.ROOT, "%016x", random.nextLong());
        String note = "A note on item " + i + ", as long as people write them when nobody is looking.";
        return new Object[] {id, "Item number " + i, "shelf " + i % 100, i * 0.25 + 0.1, note, (long) (i % 50)};
    }

    // ---- Receiving

    private void receive(int rows, int batch) {
        ServerOptions options = new ServerOptions(ServerOptions.DEFAULT_HOST, 0, file());
        try (RelayServer relay = RelayServer.start(options);
                Replica source = Replica.create(file(), SPACE)) {
            source.execute(CREATE);
            source.enrol("item", TableRules.defaults().counter("stock"));
            fill(source, batch, rows);
            settle(source, relay);
            double[] seconds = new double[RUNS];
            for (int run = -1; run < RUNS; run++) {
                try (Replica fresh = Replica.create(file(), SPACE)) {
                    long start = System.nanoTime();
                    settle(fresh, relay);
                    if (run >= 0) {
                        seconds[run] = (System.nanoTime() - start) / 1e9;
                    }
                }
            }
            out.printf(
                    Locale.ROOT,
                    "a fresh replica receives %,d rows in change sets of %,d: %.2f s, %,.0f rows/s%n",
                    rows,
                    batch,
                    median(seconds),
                    rows / median(seconds));
        }
    }

    private static void settle(Replica replica, RelayServer relay) {
        SyncOutcome outcome = replica.sync(relay.url());
        if (!(outcome instanceof SyncOutcome.Settled)) {
            throw new SyncException("the benchmark's replica did not settle: " + outcome);
        }
    }

    // ---- Helpers

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private Path file() {
        return folder.resolve("bench" + files++ + ".db");
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(path);
            }
        }
    }
}
