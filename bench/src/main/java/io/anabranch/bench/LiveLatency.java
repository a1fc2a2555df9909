// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench;

import io.anabranch.sync.PeerLink;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * How soon a row that is written on one replica is in the table of another, through a relay that is a process of its own on a loopback
 * address. The clock runs from before the write begins until the other replica tells, after its commit, of the row. Writes come one by
 * one, after random pauses, so that no timer's beat is met or missed each time. {@code -Dwrites=300} says how many of each kind.
 *
 * <pre>
 *   api      written through the library
 *   program  written by another program to the same file, of which the library hears by looking
 * </pre>
 */
public final class LiveLatency {
    private static final int WRITES = Math.min(10_000, Integer.getInteger("writes", 300));
    private static final int WARM_UP = 100;
    private static final int LONGEST_PAUSE_MILLIS = 200;

    private final BlockingQueue<String> arrivals = new LinkedBlockingQueue<>();
    private final Random random = new Random(1);
    private int written;

    private LiveLatency() {}

    public static void main(String[] args) throws Exception {
        new LiveLatency().run(Files.createTempDirectory("anabranch-live"));
    }

    private void run(Path folder) throws Exception {
        Path file = folder.resolve("ann.db");
        try (RelayProcess relay = RelayProcess.start(folder.resolve("relay.db"));
                Replica ann = Replica.create(file, "shop");
                Replica bob = Replica.create(folder.resolve("bob.db"), "shop")) {
            ann.execute("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)");
            ann.enrol("note", TableRules.defaults());
            bob.onChange(change -> arrivals.add(String.valueOf(change.key().get(0))));
            awaitLive(ann.connect(relay.url()));
            awaitLive(bob.connect(relay.url()));
            measure(WARM_UP, id -> ann.execute("INSERT INTO note VALUES (?, 'x')", id));
            tell("api", measure(WRITES, id -> ann.execute("INSERT INTO note VALUES (?, 'x')", id)));
            try (SqlDatabase other = new JdbcDriver().open(file, 5_000)) {
                tell("program", measure(WRITES, id -> other.execute("INSERT INTO note VALUES ('" + id + "', 'x')")));
            }
        }
    }

    private interface Write {
        void of(String id);
    }

    private double[] measure(int writes, Write write) throws InterruptedException {
        double[] millis = new double[writes];
        for (int i = 0; i < writes; i++) {
            Thread.sleep(1 + random.nextInt(LONGEST_PAUSE_MILLIS));
            String id = "n" + written++;
            long began = System.nanoTime();
            write.of(id);
            for (String arrived = ""; !id.equals(arrived); ) {
                arrived = arrivals.poll(30, TimeUnit.SECONDS);
                if (arrived == null) {
                    throw new AssertionError(id + " did not arrive within 30 s");
                }
            }
            millis[i] = (System.nanoTime() - began) / 1e6;
        }
        Arrays.sort(millis);
        return millis;
    }

    private static void tell(String what, double[] millis) {
        System.out.printf(
                "%s: %d writes, median %.1f ms, p99 %.1f ms, most %.1f ms%n",
                what,
                millis.length,
                millis[millis.length / 2],
                millis[(int) Math.ceil(0.99 * millis.length) - 1],
                millis[millis.length - 1]);
    }

    private static void awaitLive(PeerLink link) throws InterruptedException {
        while (!(link.isLive() && link.lastOutcome() instanceof SyncOutcome.Settled)) {
            Thread.sleep(10);
        }
    }
}
