// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.session.SyncOutcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of a program that writes through the library and is linked to a relay, at random moments. What it was told before
 * it died comes through a pipe: what it had committed must be in its file, and what had reached the relay in another replica.
 *
 * <p>The seed is printed; {@code -Danabranch.seed=SEED} repeats the delays, though not what the machine does meanwhile.
 */
class WriterKillTest {
    private static final int KILLS = Boolean.getBoolean("anabranch.long") ? 1_000 : 15;
    private static final int LONGEST_LIFE_MILLIS = 400;

    private final long seed = Long.getLong("anabranch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @TempDir
    Path folder;

    @Test
    @Timeout(3_600)
    void whatAKilledProgramWasToldIsSafeIs() throws Exception {
        System.out.println("WriterKillTest: -Danabranch.seed=" + seed);
        Path file = folder.resolve("writer.db");
        try (Replica replica = Replica.create(file, "ledger")) {
            replica.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, body TEXT)");
            replica.execute("CREATE TABLE tally (id TEXT PRIMARY KEY, hits INTEGER NOT NULL)");
            replica.enrol("entry", TableRules.defaults());
            replica.enrol("tally", TableRules.defaults().counter("hits"));
            replica.execute("INSERT INTO tally VALUES ('all', 0)");
        }
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
                Replica reader = Replica.create(folder.resolve("reader.db"), "ledger")) {
            Origin origin;
            try (Replica replica = Replica.open(file)) {
                replica.sync(relay.url());
                origin = replica.status().origin();
            }
            for (int kill = 1; kill <= KILLS; kill++) {
                String where = "seed " + seed + ", kill " + kill;
                List<String> said = liveAndDie(file, relay);

                long committed = last(said, "committed ");
                long held = number(Ledger.query(file, "SELECT count(*) FROM entry"));
                assertThat(held).as(where + ": what was committed").isGreaterThanOrEqualTo(committed);
                assertWhole(file, held, where);
                assertThat(reader.sync(relay.url())).as(where).isInstanceOf(SyncOutcome.Settled.class);
                long reached = number(Ledger.query(folder.resolve("reader.db"), "SELECT count(*) FROM entry"));
                assertThat(reached)
                        .as(where + ": what had reached the relay")
                        .isGreaterThanOrEqualTo(last(said, "reached "));
                assertWhole(folder.resolve("reader.db"), reached, where);
            }
            try (Replica replica = Replica.open(file)) {
                assertThat(replica.sync(relay.url())).isInstanceOf(SyncOutcome.Settled.class);
                assertThat(replica.status().origin())
                        .as("seed " + seed + ": a killed program is no copy")
                        .isEqualTo(origin);
                assertThat(replica.verify().isSound()).isTrue();
                assertThat(reader.sync(relay.url())).isInstanceOf(SyncOutcome.Settled.class);
            }
            String entries = "SELECT * FROM entry ORDER BY number";
            assertThat(Ledger.query(folder.resolve("reader.db"), entries)).isEqualTo(Ledger.query(file, entries));
        }
    }

    /** Returns what a writer said from its first transaction to its end. */
    private List<String> liveAndDie(Path file, RelayServer relay) throws InterruptedException {
        try (CommandProcess writer = CommandProcess.startMain(
                folder.resolve("errors.txt"), "io.anabranch.e2e.EntryWriter", file, relay.url())) {
            writer.awaitLine("committed ");
            Thread.sleep(random.nextInt(LONGEST_LIFE_MILLIS));
            writer.kill();
            return writer.lastLines();
        }
    }

    private static long last(List<String> said, String what) {
        long last = 0;
        for (String line : said) {
            // The last line may end anywhere: of what it says less is true as well.
            last = line.matches(what + "\\d+") ? Math.max(last, Long.parseLong(line.substring(what.length()))) : last;
        }
        return last;
    }

    /** Checks that entries are numbered without a gap, and counted as often as they are there. */
    private static void assertWhole(Path file, long count, String where) {
        assertThat(Ledger.query(file, "SELECT count(*), coalesce(max(number), 0), (SELECT hits FROM tally) FROM entry"))
                .as(where + ": " + file)
                .containsExactly(count + "|" + count + "|" + count);
        Ledger.assertSound(file, where);
    }

    private static long number(List<String> rows) {
        return Long.parseLong(rows.get(0));
    }
}
