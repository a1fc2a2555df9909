// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench;

import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.jdbc.JdbcDriver;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * How a relay does under load: a process of its own on this machine, on a loopback address, entered by 50 tokens that write
 * and 1,250 that read. Names behind it run some alone; {@code -Dseconds=60} and {@code -Dlisteners=10000} say how long and how
 * many, and both are bounded.
 *
 * <pre>
 *   start    until it listens, and what it takes while nobody asks anything
 *   forward  50 writers bring small change sets, one reader is given all of them
 *   idle     ten thousand listen and hear nothing; meanwhile somebody asks something ten times a second
 * length   what it has in memory while its log grows to 300,000 change sets, and started again over that
 * </pre>
 */
public final class RelayLoad {
    private static final String SPACE = "load";
    private static final String LONG = "long";
    private static final int WRITERS = 50;
    private static final int READERS = 1_250;
    /** Of each writer's requests, seven a second: 35 change sets a second. */
    private static final int TOGETHER = 5;

    private static final int SECONDS = Math.min(120, Integer.getInteger("seconds", 60));
    private static final int LISTENERS = Math.min(10_000, Integer.getInteger("listeners", 10_000));

    private final List<String> writers = new ArrayList<>();
    private final List<String> longWriters = new ArrayList<>();
    private final List<String> readers = new ArrayList<>();

    private RelayLoad() {}

    public static void main(String[] args) throws Exception {
        Set<String> chosen =
                args.length == 0 ? Set.of("start", "forward", "idle", "length") : Set.copyOf(Arrays.asList(args));
        Path folder = Files.createTempDirectory("anabranch-load");
        RelayLoad load = new RelayLoad();
        Path data = folder.resolve("relay.db");
        load.makeTokens(data);
        try (RelayProcess relay = RelayProcess.start(data)) {
            System.out.printf("start: listens after %d ms%n", relay.startMillis());
            if (chosen.contains("start")) {
                Thread.sleep(3_000);
                System.out.printf("start: idle, %d MiB resident%n", relay.residentMiB());
            }
            if (chosen.contains("forward")) {
                load.forward(relay);
            }
            if (chosen.contains("idle")) {
                load.idle(relay);
            }
        }
        if (chosen.contains("length")) {
            load.length(data);
        }
    }

    private void makeTokens(Path data) {
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            Tokens tokens = new Tokens(store.tokens(), Clock.systemUTC());
            for (int i = 0; i < WRITERS; i++) {
                writers.add(tokens.create(SPACE, Set.of(Right.READ, Right.WRITE), "writer " + i)
                        .text());
                longWriters.add(tokens.create(LONG, Set.of(Right.READ, Right.WRITE), "writer " + i)
                        .text());
            }
            for (int i = 0; i < READERS; i++) {
                readers.add(
                        tokens.create(SPACE, Set.of(Right.READ), "reader " + i).text());
            }
        }
    }

    private void forward(RelayProcess relay) throws Exception {
        URI url = relay.url();
        List<LoadWriter> all = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            all.add(new LoadWriter(url, SPACE, writers.get(i), i + 1, TOGETHER));
        }
        LoadReader reader = new LoadReader(url, SPACE, readers.get(0));
        long began = System.nanoTime();
        reader.start();
        all.forEach(LoadWriter::start);
        Thread.sleep(Duration.ofSeconds(SECONDS).toMillis());
        all.forEach(LoadWriter::finish);
        long taken = 0;
        List<Long> micros = new ArrayList<>();
        for (LoadWriter writer : all) {
            taken += writer.taken();
            micros.addAll(writer.micros());
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        long given = reader.finish(taken);
        System.out.printf(
                "forward: %d change sets from %d writers in %.1f s, %.0f a minute; given on %d; request p50 %d ms, p99"
                        + " %d ms; %d MiB resident%n",
                taken,
                WRITERS,
                seconds,
                taken * 60 / seconds,
                given,
                percentile(micros, 50) / 1_000,
                percentile(micros, 99) / 1_000,
                relay.residentMiB());
    }

    private void idle(RelayProcess relay) throws Exception {
        try (IdleListeners idle = new IdleListeners(relay.url(), SPACE, readers, LISTENERS)) {
            long began = System.nanoTime();
            int listening = idle.open();
            System.out.printf("idle: %d listen after %.1f s%n", listening, (System.nanoTime() - began) / 1e9);
            LoadWriter honest = new LoadWriter(relay.url(), SPACE, writers.get(0), 1_001, 0);
            List<Long> micros = honest.askEvery(Duration.ofMillis(100), Duration.ofSeconds(Math.min(60, SECONDS)));
            System.out.printf(
                    "idle: %d listen, %d MiB resident; %d honest requests p50 %d ms, p99 %d ms%n",
                    idle.stillOpen(),
                    relay.residentMiB(),
                    micros.size(),
                    percentile(micros, 50) / 1_000,
                    percentile(micros, 99) / 1_000);
        }
    }

    /** The writers are others than those of {@link #forward}, as if their replicas were new, and bring twenty times as much. */
    private void length(Path data) throws Exception {
        try (RelayProcess relay = RelayProcess.start(data)) {
            List<LoadWriter> all = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                all.add(new LoadWriter(relay.url(), LONG, longWriters.get(i), i + 2_001, 20 * TOGETHER));
            }
            all.forEach(LoadWriter::start);
            for (int length : new int[] {10_000, 100_000, 300_000}) {
                while (all.stream().mapToLong(LoadWriter::taken).sum() < length) {
                    Thread.sleep(50);
                }
                System.out.printf("length: %d change sets, %d MiB resident%n", length, relay.residentMiB());
            }
            all.forEach(LoadWriter::finish);
        }
        try (RelayProcess relay = RelayProcess.start(data)) {
            Thread.sleep(3_000);
            System.out.printf(
                    "length: started again over them in %d ms, %d MiB resident%n",
                    relay.startMillis(), relay.residentMiB());
        }
    }

    private static long percentile(List<Long> values, int percent) {
        List<Long> sorted = new ArrayList<>(values);
        sorted.sort(null);
        return sorted.isEmpty() ? 0 : sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }
}
