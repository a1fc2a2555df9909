// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a relay, or a client that exchanges with it, at random moments ({@code kill -9}). Nothing that was acknowledged may
 * be missing, and the next exchange settles. A few times; with {@code -Danabranch.long=true}, 50 times.
 */
class CrashTest {
    private static final int KILLS = Boolean.getBoolean("anabranch.long") ? 50 : 4;
    private static final int WRITING_MILLIS = 700;

    @TempDir
    Path folder;

    @Test
    void nothingAcknowledgedIsLostAndTheNextSyncSettles() throws Exception {
        long seed = Long.getLong("anabranch.seed", System.nanoTime());
        Random random = new Random(seed);
        String url = "http://127.0.0.1:" + freePort();
        Cli.execute(file("ann"), "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT)");
        assertThat(Cli.run("init", file("ann"), "--space", "crash", "--table", "note")
                        .exitCode())
                .isZero();
        Cli.good("init", file("bob"), "--space", "crash");
        for (int kill = 1; kill <= KILLS; kill++) {
            String where = "seed " + seed + ", kill " + kill;
            crash(url, random.nextBoolean(), random.nextInt(WRITING_MILLIS), where);
            assertNothingAcknowledgedIsMissing(where);
            assertSettles(url, where);
        }
    }

    private void crash(String url, boolean killRelay, int writingMillis, String where) throws IOException {
        Process relay = serve(url);
        Process client = anabranch("sync", file("ann").toString(), url, "--watch");
        try {
            assertThat(client.inputReader().readLine()).as(where).startsWith("settled");
            long end = System.nanoTime() + writingMillis * 1_000_000L;
            try (SqlDatabase database = new JdbcDriver().open(file("ann"), 10_000)) {
                do {
                    database.execute("INSERT INTO note (body) VALUES (hex(randomblob(100)))");
                } while (System.nanoTime() < end);
            }
        } finally {
            kill(killRelay ? relay : client);
            kill(killRelay ? client : relay);
        }
    }

    private void assertNothingAcknowledgedIsMissing(String where) {
        Heads acknowledged = acknowledged();
        try (RelayStore relay = SqliteRelayStore.open(new JdbcDriver(), file("relay"))) {
            Heads held = relay.space("crash").heads();
            acknowledged
                    .entries()
                    .forEach((origin, head) ->
                            assertThat(held.get(origin).seq()).as(where).isGreaterThanOrEqualTo(head.seq()));
        }
    }

    /** Returns what ann was told that the relay holds. */
    private Heads acknowledged() {
        try (SqlDatabase database = new JdbcDriver().open(file("ann"), 10_000)) {
            SqlStatement row = database.prepare("SELECT heads FROM _ab_peer");
            assertThat(row.step()).isTrue();
            return Heads.of(MessageCodec.readHeads(new ByteReader(row.getBlob(0))));
        }
    }

    private void assertSettles(String url, String where) throws IOException {
        Process relay = serve(url);
        try {
            for (String name : List.of("ann", "bob")) {
                Cli.Result sync = Cli.run("sync", file(name), url);
                assertThat(sync.out()).as(where + ": " + sync.err()).startsWith("settled");
            }
        } finally {
            kill(relay);
        }
        assertThat(Cli.good("digest", file("bob")).out())
                .as(where)
                .isEqualTo(Cli.good("digest", file("ann")).out());
        assertThat(Cli.query(file("bob"), "SELECT count(*), sum(id) FROM note"))
                .as(where)
                .isEqualTo(Cli.query(file("ann"), "SELECT count(*), sum(id) FROM note"));
    }

    // ---- Processes

    private Process serve(String url) throws IOException {
        String port = url.substring(url.lastIndexOf(':') + 1);
        Process relay =
                anabranch("serve", "--port", port, "--data", file("relay").toString());
        BufferedReader out = relay.inputReader();
        assertThat(out.readLine()).isEqualTo("listening on " + url);
        return relay;
    }

    private Process anabranch(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.anabranch.cli.Main"));
        command.addAll(Arrays.asList(args));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("err.txt").toFile()))
                .start();
    }

    private static void kill(Process process) {
        process.destroyForcibly().onExit().join();
    }

    private Path file(String name) {
        return folder.resolve(name + ".db");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
