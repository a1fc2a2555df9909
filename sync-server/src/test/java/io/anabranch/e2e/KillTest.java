// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.HeadsCodec;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of a relay and of the clients that exchange with it, all real processes, 50 times, at random moments while
 * plain SQL writes to both replicas.
 *
 * <pre>
 *   SQL ──► ann.db ◄── sync --watch ──► serve ◄── sync --watch ──► bob.db ◄── SQL
 *                           ✗             ✗            ✗
 * </pre>
 *
 * <p>Each round kills some of the three while they exchange, looks at the files, and starts them again. A dead relay's file
 * is copied, and a relay over the copy asked, before any client could send again what was lost: it must hold whatever a
 * client had been told that it holds, whatever a client had got from it, and whatever {@code sync} had called settled.
 *
 * <p>The seed is printed; {@code -Danabranch.seed=SEED} repeats the same victims, writes and delays, though not what the
 * machine does meanwhile. With {@code -Danabranch.long=true}, 1,000 kills.
 */
class KillTest {
    private static final int KILLS = Boolean.getBoolean("anabranch.long") ? 1_000 : 50;
    private static final int LONGEST_BURST_MILLIS = 400;
    private static final String SPACE = "ledger";
    private static final String RELAY = "relay";
    private static final List<String> CLIENTS = List.of("ann", "bob");

    private final long seed = Long.getLong("anabranch.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Ledger ledger = new Ledger(random);
    private final int port = Ports.free();
    private final String url = "http://127.0.0.1:" + port;

    private final Map<String, CommandProcess> running = new TreeMap<>();
    /** By client: how many of its rows a sync that settled has promised to keep. */
    private final Map<String, Long> promised = new TreeMap<>();

    private int kills;
    private String where = "";

    @TempDir
    Path folder;

    @AfterEach
    void endWhatStillRuns() {
        running.values().forEach(CommandProcess::close);
    }

    @Test
    @Timeout(3_600)
    void nothingAcknowledgedIsLostAndTheNextSyncSettles() throws IOException {
        System.out.println("KillTest: -Danabranch.seed=" + seed);
        begin();
        Map<String, String> origins = origins();
        while (kills < KILLS) {
            where = "seed " + seed + ", after kill " + kills;
            letAllExchange();
            if (random.nextInt(3) == 0) {
                settleAndTakeTheWord(CLIENTS.get(random.nextInt(CLIENTS.size())));
            }
            List<String> victims = victims();
            killWhileWriting(victims);
            for (String victim : victims) {
                examine(victim);
            }
            start(victims);
        }
        where = "seed " + seed + ", at the end";
        finish();
        assertThat(origins()).as(where + ": a killed replica is no copy").isEqualTo(origins);
    }

    private void begin() {
        try (SqlDatabase database = Ledger.open(file("ann"))) {
            for (String statement : Ledger.SCHEMA) {
                database.execute(statement);
            }
        }
        Command.good("init", file("ann"), "--space", SPACE, "--all-tables", "--rule", "tally.hits=counter");
        Command.good("init", file("bob"), "--space", SPACE);
        Command.good("init", file("witness"), "--space", SPACE);
        start(List.of(RELAY));
        CLIENTS.forEach(client -> Command.good("sync", file(client), url));
        start(CLIENTS);
    }

    // ---- A round

    /** Returns once each client has exchanged something that was written just now. */
    private void letAllExchange() {
        for (String client : CLIENTS) {
            running.get(client).skipLines();
            ledger.write(client, file(client));
        }
        CLIENTS.forEach(client -> running.get(client).awaitLine("settled"));
    }

    /** Runs a sync beside the one that watches the same file: two processes on one replica. */
    private void settleAndTakeTheWord(String client) {
        long written = ledger.count(client);
        Command.Result sync = Command.run("sync", file(client), url);
        assertThat(sync.out()).as(where + ": " + sync.err()).startsWith("settled");
        assertThat(sync.exitCode()).isZero();
        promised.put(client, written);
    }

    private List<String> victims() {
        List<String> all = new ArrayList<>(List.of(RELAY, "ann", "bob"));
        Collections.shuffle(all, random);
        return List.copyOf(all.subList(0, Math.min(1 + random.nextInt(all.size()), KILLS - kills)));
    }

    private void killWhileWriting(List<String> victims) {
        long begin = System.nanoTime();
        long end = begin + nanosUpTo(LONGEST_BURST_MILLIS);
        Map<String, Long> deaths = new TreeMap<>();
        victims.forEach(victim -> deaths.put(victim, begin + nanosUpTo(LONGEST_BURST_MILLIS)));
        try (SqlDatabase ann = Ledger.open(file("ann"));
                SqlDatabase bob = Ledger.open(file("bob"))) {
            while (System.nanoTime() < end || !deaths.isEmpty()) {
                deaths.entrySet().removeIf(death -> System.nanoTime() >= death.getValue() && kill(death.getKey()));
                boolean first = random.nextBoolean();
                ledger.write(first ? "ann" : "bob", first ? ann : bob);
            }
        }
    }

    private long nanosUpTo(int millis) {
        return (1 + random.nextInt(millis)) * 1_000_000L;
    }

    private boolean kill(String victim) {
        CommandProcess process = running.get(victim);
        assertThat(process.isAlive())
                .as(where + ": " + victim + " lives until it is killed; " + process.errors())
                .isTrue();
        process.kill();
        kills++;
        return true;
    }

    private void start(List<String> names) {
        for (String name : names) {
            Path errors = folder.resolve(name + ".err");
            running.put(
                    name,
                    name.equals(RELAY)
                            ? CommandProcess.start(errors, "serve", "--port", port, "--data", file(RELAY))
                            : CommandProcess.start(errors, "sync", file(name), url, "--watch"));
        }
        if (names.contains(RELAY)) {
            assertThat(running.get(RELAY).awaitLine("listening")).isEqualTo("listening on " + url);
        }
    }

    // ---- What the dead leave behind

    private void examine(String victim) throws IOException {
        if (victim.equals(RELAY)) {
            examineRelay();
        } else {
            Ledger.assertSound(file(victim), where);
            assertThat(Ledger.query(file(victim), "SELECT max(number) FROM entry WHERE writer = '" + victim + "'"))
                    .as(where)
                    .containsExactly(String.valueOf(ledger.count(victim)));
        }
    }

    private void examineRelay() throws IOException {
        Path copy = folder.resolve("copy-" + kills + ".db");
        copyHot(file(RELAY), copy);
        assertHoldsWhatClientsKnow(copy);
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, copy))) {
            Command.good("sync", file("witness"), relay.url());
        }
        promised.forEach((client, count) -> Ledger.assertHolds(file("witness"), client, count, where));
        Ledger.assertSound(copy, where);
        Files.delete(copy);
    }

    private static void copyHot(Path file, Path copy) throws IOException {
        for (String part : List.of("", "-wal", "-shm")) {
            Path from = Path.of(file + part);
            if (Files.exists(from)) {
                Files.copy(from, Path.of(copy + part));
            }
        }
    }

    private void assertHoldsWhatClientsKnow(Path relayFile) {
        try (RelayStore relay = SqliteRelayStore.open(new JdbcDriver(), relayFile)) {
            Heads held = new RelaySpaces(relay, Retention.DEFAULT).space(SPACE).heads();
            for (String client : CLIENTS) {
                acknowledged(client)
                        .entries()
                        .forEach((origin, head) -> assertThat(held.get(origin).seq())
                                .as(where + ": what the relay told " + client + " that it has of " + origin)
                                .isGreaterThanOrEqualTo(head.seq()));
                receivedBy(client)
                        .forEach((origin, seq) -> assertThat(held.get(origin).seq())
                                .as(where + ": what " + client + " got from the relay of " + origin)
                                .isGreaterThanOrEqualTo(seq));
            }
        }
    }

    /** Returns what a client was told that the relay holds. */
    private Heads acknowledged(String client) {
        try (SqlDatabase database = Ledger.open(file(client))) {
            SqlStatement row = database.prepare("SELECT heads FROM _ab_peer WHERE url = '" + url + "'");
            assertThat(row.step())
                    .as(where + ": " + client + " knows the relay")
                    .isTrue();
            byte[] heads = row.getBlob(0);
            assertThat(heads).isNotNull();
            return Heads.of(HeadsCodec.read(new ByteReader(heads)));
        }
    }

    /** Returns what a client holds and did not write itself: it can only have come from the relay. */
    private Map<Origin, Long> receivedBy(String client) {
        JsonNode status = status(client);
        Map<Origin, Long> received = new TreeMap<>();
        status.path("vv").fields().forEachRemaining(entry -> {
            if (!entry.getKey().equals(status.path("origin").asText())) {
                received.put(Origin.parse(entry.getKey()), entry.getValue().asLong());
            }
        });
        return received;
    }

    // ---- The end

    private void finish() {
        letAllExchange();
        for (String client : CLIENTS) {
            assertThat(running.get(client).stop()).as(where).isZero();
        }
        for (String name : List.of("ann", "bob", "ann", "witness")) {
            assertThat(Command.good("sync", file(name), url).out()).as(where).startsWith("settled");
        }
        assertThat(running.get(RELAY).stop()).as(where).isZero();
        String digests = Command.good("digest", file("ann")).out();
        for (String name : List.of("ann", "bob", "witness")) {
            assertThat(Command.good("digest", file(name)).out()).as(where).isEqualTo(digests);
            ledger.assertBalances(file(name), where + ", " + name);
            Ledger.assertSound(file(name), where);
            assertThat(status(name).path("pending").asLong(-1)).as(where).isZero();
        }
        Ledger.assertSound(file(RELAY), where);
        running.forEach((name, process) ->
                assertThat(process.errors()).as(where + ", " + name).doesNotContain("\tat "));
    }

    private Map<String, String> origins() {
        Map<String, String> origins = new TreeMap<>();
        CLIENTS.forEach(
                client -> origins.put(client, status(client).path("origin").asText()));
        return origins;
    }

    private JsonNode status(String name) {
        return Command.good("status", file(name), "--json").json();
    }

    private Path file(String name) {
        return folder.resolve(name + ".db");
    }
}
