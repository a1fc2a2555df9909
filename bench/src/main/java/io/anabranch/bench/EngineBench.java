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
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Questions: what does capture and seal cost over the same inserts and one-column updates in plain SQLite, through the same
 * driver with the same durability, and does that depend on how large the table is? How fast does a fresh replica receive
 * 100,000 rows over HTTP, and how long does a writer wait meanwhile? What do 10,000 conflicting edits cost, enrolling
 * 1,000,000 rows, and one transaction of 256 MiB?
 *
 * <p>Data: rows of five columns and a text key of 16 characters, random or growing ({@code -Dkeys=ordered}), about 120 bytes each. Unit: seconds of CPU of all
 * threads of the process, median of five runs after a warm-up, plain and replica in turn; rows per second of wall clock.
 */
public final class EngineBench {
    private static final int RUNS = 5;
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;
    private static final String CREATE =
            "CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, place TEXT, price REAL, note TEXT, stock INTEGER)";
    private static final String INSERT = "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?)";
    private static final String UPDATE = "UPDATE item SET place = ? WHERE id = ?";
    private static final String SPACE = "bench";
    /** Whether keys grow, as those of UUID version 7 do, or are random, as those of version 4. */
    private static final boolean ORDERED = "ordered".equals(System.getProperty("keys"));

    private final PrintStream out;
    private final Path folder;
    private int files;

    private EngineBench(PrintStream out, Path folder) {
        this.out = out;
        this.folder = folder;
    }

    /** Runs what the arguments name, or all. Prints a line for each. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("anabranch-bench");
        System.setProperty("user.home", folder.toString()); // So that nothing stays in the user's state folder.
        try {
            EngineBench bench = new EngineBench(new PrintStream(System.out, true, StandardCharsets.UTF_8), folder);
            bench.run(List.of(arguments));
        } finally {
            delete(folder);
        }
    }

    private void run(List<String> names) {
        Map<String, Runnable> all = new LinkedHashMap<>();
        all.put("single", () -> captureAndSeal(1, 10_000));
        all.put("hundreds", () -> captureAndSeal(100, 50_000));
        all.put("thousands", () -> captureAndSeal(1_000, 100_000));
        all.put("updates", () -> update(1_000, 50_000));
        all.put("growth", () -> growth(1_000, 1_000_000));
        all.put("receive", () -> receive(100_000, 1_000));
        all.put("wait", () -> writeDuringReceipt(100_000, 1_000));
        all.put("conflicts", () -> conflicts(10_000));
        all.put("enrol", () -> enrol(1_000_000));
        all.put("large", () -> largeTransaction(256));
        if (!all.keySet().containsAll(names)) {
            throw new IllegalArgumentException("the benchmarks are " + all.keySet() + ", not " + names);
        }
        all.keySet().removeIf(name -> !names.isEmpty() && !names.contains(name));
        all.values().forEach(Runnable::run);
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
        return fill(replica, batch, rows, 1);
    }

    private static double fill(Replica replica, int batch, int rows, int seed) {
        Random random = new Random(seed);
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
        String id = ORDERED
                ? String.format(Locale.ROOT, "%08x%08x", i, random.nextInt())
                : String.format(Locale.ROOT, "%016x", random.nextLong());
        String note = "A note on item " + i + ", as long as people write them when nobody is looking.";
        return new Object[] {id, "Item number " + i, "shelf " + i % 100, i * 0.25 + 0.1, note, (long) (i % 50)};
    }

    // ---- Updates

    private void update(int batch, int rows) {
        double[] plain = new double[RUNS];
        double[] replica = new double[RUNS];
        for (int run = -1; run < RUNS; run++) {
            double plainSeconds = plainUpdates(file(), batch, rows);
            double replicaSeconds;
            try (Replica updated = Replica.create(file(), SPACE)) {
                updated.execute(CREATE);
                updated.enrol("item", TableRules.defaults().counter("stock"));
                fill(updated, 1_000, rows);
                Random random = new Random(1);
                long start = cpuNanos();
                for (int done = 0; done < rows; done += batch) {
                    int from = done;
                    updated.transaction(sql -> {
                        for (int i = 0; i < batch; i++) {
                            sql.execute(UPDATE, "moved", row(random, from + i)[0]);
                        }
                    });
                }
                replicaSeconds = (cpuNanos() - start) / 1e9;
            }
            if (run >= 0) {
                plain[run] = plainSeconds;
                replica[run] = replicaSeconds;
            }
        }
        out.printf(
                Locale.ROOT,
                "updates of one column, in batches of %,d: plain %.2f us/row  replica %.2f us/row  ratio %.2f%n",
                batch,
                median(plain) / rows * 1e6,
                median(replica) / rows * 1e6,
                median(replica) / median(plain));
    }

    private static double plainUpdates(Path file, int batch, int rows) {
        plainInserts(file, 1_000, rows);
        try (SqlDatabase db = new JdbcDriver().open(file, BUSY_TIMEOUT_MILLIS)) {
            db.execute("PRAGMA synchronous = FULL");
            Random random = new Random(1);
            long start = cpuNanos();
            for (int done = 0; done < rows; done += batch) {
                db.execute("BEGIN IMMEDIATE");
                for (int i = 0; i < batch; i++) {
                    db.prepare(UPDATE)
                            .bind(1, "moved")
                            .bind(2, (String) row(random, done + i)[0])
                            .run();
                }
                db.execute("COMMIT");
            }
            return (cpuNanos() - start) / 1e9;
        }
    }

    /** Inserts until the table is large, and says what the first and the last of them cost. */
    private void growth(int batch, int rows) {
        int probe = 10_000;
        try (Replica replica = Replica.create(file(), SPACE)) {
            replica.execute(CREATE);
            replica.enrol("item", TableRules.defaults().counter("stock"));
            fill(replica, batch, probe); // Warms up.
            double small = fill(replica, batch, probe, 2) / probe;
            fill(replica, 10_000, rows, 3);
            double large = fill(replica, batch, probe, 4) / probe;
            out.printf(
                    Locale.ROOT,
                    "an insert costs %.2f us at %,d rows and %.2f us at %,d: ratio %.2f%n",
                    small * 1e6,
                    probe,
                    large * 1e6,
                    rows,
                    large / small);
        }
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

    /** How long an application's transaction of one row waits while change sets are applied. */
    private void writeDuringReceipt(int rows, int batch) {
        ServerOptions options = new ServerOptions(ServerOptions.DEFAULT_HOST, 0, file());
        try (RelayServer relay = RelayServer.start(options);
                Replica source = Replica.create(file(), SPACE);
                Replica busy = Replica.create(file(), SPACE)) {
            source.execute(CREATE);
            source.enrol("item", TableRules.defaults().counter("stock"));
            settle(source, relay);
            settle(busy, relay);
            fill(source, batch, rows);
            settle(source, relay);
            AtomicBoolean done = new AtomicBoolean();
            Thread receiver = new Thread(() -> {
                busy.sync(relay.url()); // It may not settle: there is always one write more.
                done.set(true);
            });
            receiver.start();
            List<Double> millis = new ArrayList<>();
            while (!done.get()) {
                long start = System.nanoTime();
                busy.execute(INSERT, "mine " + millis.size(), "", "", 0.5, "", 1L);
                millis.add((System.nanoTime() - start) / 1e6);
            }
            double[] sorted =
                    millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            out.printf(
                    Locale.ROOT,
                    "writes of one row while %,d rows are received: %,d of them, median %.1f ms, p99 %.1f ms, most"
                            + " %.1f ms%n",
                    rows,
                    sorted.length,
                    sorted[sorted.length / 2],
                    sorted[(int) (sorted.length * 0.99)],
                    sorted[sorted.length - 1]);
        }
    }

    // ---- Conflicts

    private void conflicts(int edits) {
        double[] seconds = new double[RUNS];
        for (int run = -1; run < RUNS; run++) {
            ServerOptions options = new ServerOptions(ServerOptions.DEFAULT_HOST, 0, file());
            try (RelayServer relay = RelayServer.start(options);
                    Replica one = Replica.create(file(), SPACE);
                    Replica two = Replica.create(file(), SPACE)) {
                one.execute(CREATE);
                one.enrol("item", TableRules.defaults().counter("stock"));
                fill(one, 1_000, edits);
                settle(one, relay);
                settle(two, relay);
                one.execute("UPDATE item SET title = title || ' of one'");
                two.execute("UPDATE item SET title = title || ' of two'");
                long start = System.nanoTime();
                settle(one, relay);
                settle(two, relay);
                settle(one, relay);
                if (run >= 0) {
                    seconds[run] = (System.nanoTime() - start) / 1e9;
                }
            }
        }
        out.printf(Locale.ROOT, "%,d conflicting edits, both ways: %.0f ms%n", edits, median(seconds) * 1e3);
    }

    // ---- Existing rows, large transactions

    private void enrol(int rows) {
        Path file = file();
        plainInserts(file, 10_000, rows);
        try (Replica replica = Replica.create(file, SPACE)) {
            long start = System.nanoTime();
            replica.enrol("item", TableRules.defaults().counter("stock"));
            out.printf(
                    Locale.ROOT,
                    "enrolling %,d existing rows: %.1f s, heap at most %,d MiB%n",
                    rows,
                    (System.nanoTime() - start) / 1e9,
                    peakHeapMiB());
        }
    }

    /** One transaction of so many rows of 1 MiB that cannot be compressed, to a relay and on to another replica. */
    private void largeTransaction(int mebibytes) {
        ServerOptions options = new ServerOptions(ServerOptions.DEFAULT_HOST, 0, file());
        try (RelayServer relay = RelayServer.start(options);
                Replica source = Replica.create(file(), SPACE);
                Replica other = Replica.create(file(), SPACE)) {
            source.execute("CREATE TABLE file(id INTEGER PRIMARY KEY, content BLOB)");
            source.enrol("file", TableRules.defaults());
            peakHeapMiB();
            String fill = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < " + mebibytes
                    + ") INSERT INTO file SELECT i, randomblob(1048000) FROM c";
            long start = System.nanoTime();
            source.execute(fill);
            double written = (System.nanoTime() - start) / 1e9;
            settle(source, relay);
            double sent = (System.nanoTime() - start) / 1e9;
            settle(other, relay);
            double received = (System.nanoTime() - start) / 1e9;
            out.printf(
                    Locale.ROOT,
                    "one transaction of %,d MiB: written in %.1f s, sent in %.1f s, received in %.1f s, heap at most"
                            + " %,d MiB%n",
                    mebibytes,
                    written,
                    sent - written,
                    received - sent,
                    peakHeapMiB());
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

    /** Returns the most heap in use since the last call, garbage included, and begins anew. */
    private static long peakHeapMiB() {
        long peak = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP) {
                peak += pool.getPeakUsage().getUsed();
                pool.resetPeakUsage();
            }
        }
        return peak >> 20;
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
