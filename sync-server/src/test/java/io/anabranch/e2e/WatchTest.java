// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code sync --watch} as a person leaves it running: two replicas, each watched by a process of its own, and a relay that
 * comes late, goes, and comes back. The writes are another program's: this one's.
 *
 * <p>Nothing here is random; {@code -Dtest=io.anabranch.e2e.WatchTest} runs it again.
 */
@Timeout(300)
class WatchTest {
    private static final long DEADLINE_NANOS = 60_000_000_000L;
    private static final long LOOK_EVERY_NANOS = 20_000_000L;

    private final int port = Ports.free();
    private final String url = "http://127.0.0.1:" + port;

    @TempDir
    Path folder;

    private final List<CommandProcess> started = new ArrayList<>();

    @AfterEach
    void endWhatStillRuns() {
        started.forEach(CommandProcess::close);
    }

    @Test
    void whatOtherProgramsWriteReachesTheOtherReplicaWheneverTheRelayIsThere() {
        execute("ann", "CREATE TABLE note (id TEXT NOT NULL PRIMARY KEY, body TEXT)");
        Command.good("init", file("ann"), "--space", "notes", "--table", "note");
        Command.good("init", file("bob"), "--space", "notes");

        CommandProcess ann = watch("ann");
        awaitTrouble(ann, 1);
        CommandProcess relay = serve();
        CommandProcess bob = watch("bob");
        ann.awaitLine("settled with " + url);
        bob.awaitLine("settled with " + url);

        execute("ann", "INSERT INTO note VALUES ('n1', 'from ann')");
        awaitRows("bob", "n1|from ann");
        execute("bob", "UPDATE note SET body = 'from bob' WHERE id = 'n1'");
        awaitRows("ann", "n1|from bob");

        assertThat(relay.stop()).isZero();
        execute("ann", "INSERT INTO note VALUES ('n2', 'while nobody listens')");
        awaitTrouble(ann, 2);
        awaitTrouble(bob, 1);
        relay = serve();

        awaitRows("bob", "n1|from bob", "n2|while nobody listens");
        execute("bob", "DELETE FROM note WHERE id = 'n1'");
        awaitRows("ann", "n2|while nobody listens");

        assertThat(ann.stop()).isZero();
        assertThat(bob.stop()).isZero();
        assertThat(relay.stop()).isZero();
        assertThat(Command.good("digest", file("bob")).out())
                .isEqualTo(Command.good("digest", file("ann")).out());
        assertThat(ann.errors().lines())
                .as("one line for each time the relay was lost")
                .hasSize(2);
        assertThat(bob.errors().lines()).hasSize(1);
        assertThat(relay.errors()).doesNotContain("WARN", "ERROR");
    }

    private CommandProcess watch(String name) {
        return start(name, "sync", file(name), url, "--watch");
    }

    private CommandProcess serve() {
        CommandProcess relay = start("relay", "serve", "--port", port, "--data", file("relay"));
        assertThat(relay.awaitLine("listening")).isEqualTo("listening on " + url);
        return relay;
    }

    private CommandProcess start(String name, Object... args) {
        CommandProcess process = CommandProcess.start(folder.resolve(name + ".err"), args);
        started.add(process);
        return process;
    }

    private static void awaitTrouble(CommandProcess process, int times) {
        await(() -> assertThat(process.errors().lines().filter(line -> line.endsWith("; still trying")))
                .hasSize(times));
    }

    private void awaitRows(String name, String... rows) {
        await(() -> assertThat(Ledger.query(file(name), "SELECT id, body FROM note ORDER BY id"))
                .as(name)
                .isEqualTo(List.of(rows)));
    }

    /** Looks again and again until {@code check} holds. */
    private static void await(Runnable check) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (true) {
            try {
                check.run();
                return;
            } catch (AssertionError | SqlException e) { // The table itself may still be on its way.
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(LOOK_EVERY_NANOS);
            }
        }
    }

    private void execute(String name, String sql) {
        try (SqlDatabase database = Ledger.open(file(name))) {
            database.execute(sql);
        }
    }

    private Path file(String name) {
        return folder.resolve(name + ".db");
    }
}
