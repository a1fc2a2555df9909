// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of the README as they stand there, line by line, in an empty folder. Only the port is another one, and
 * {@code ./anabranch} runs the classes under test. Nothing is random.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(300)
class ReadmeCommandsTest {
    private static final long DEADLINE_NANOS = 60_000_000_000L;

    @TempDir
    Path folder;

    private final List<Process> running = new ArrayList<>();
    private int port;

    @BeforeEach
    void makeALauncher() throws IOException {
        port = freePort();
        Path launcher = Files.writeString(
                folder.resolve("anabranch"),
                "#!/usr/bin/env bash\nexec \"" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "\" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp \"$CLASSES\" io.anabranch.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @AfterEach
    void endWhatStillRuns() {
        running.forEach(process -> process.destroyForcibly().onExit().join());
    }

    @Test
    void threeCommandsAreARelayAndTwoReplicas() throws Exception {
        List<String> commands = commandsAfter("A relay and two replicas,");
        assertThat(commands).hasSize(3);
        write("shop.db", "CREATE TABLE product(id TEXT PRIMARY KEY, title TEXT)");
        write("shop.db", "INSERT INTO product VALUES ('cup', 'Cup')");

        stay(commands.get(0), "listening on ");
        stay(commands.get(1), "settled with ");
        stay(commands.get(2), "settled with ");
        awaitTitle("copy.db", "Cup");
        write("copy.db", "UPDATE product SET title = 'Mug'");
        awaitTitle("shop.db", "Mug");
    }

    @Test
    void theStepsBelowEndWithEqualDigests() throws Exception {
        requireSqliteShell();
        String said = "";
        List<String> commands = commandsAfter("## From the command line");
        assertThat(commands).hasSizeGreaterThan(5);
        for (String command : commands) {
            if (command.endsWith("&")) {
                stay(command.substring(0, command.length() - 1), "listening on ");
            } else {
                said = run(command);
            }
        }
        List<String> digests = said.lines().distinct().collect(Collectors.toList());
        assertThat(said.lines()).hasSizeGreaterThan(digests.size()).hasSize(2 * digests.size());
        assertThat(rows("copy.db", "SELECT stock FROM product")).containsExactly("8");
    }

    /** Returns the lines of the first block of commands after some words, without their comments. */
    private static List<String> commandsAfter(String words) throws IOException {
        String readme = Files.readString(Path.of("../README.md"));
        int from = readme.indexOf("```\n", readme.indexOf(words)) + "```\n".length();
        assertThat(readme).contains(words);
        return readme.substring(from, readme.indexOf("```", from))
                .lines()
                .map(line -> line.replaceFirst(" +# .*$", "").strip())
                .filter(line -> !line.isEmpty())
                .collect(Collectors.toList());
    }

    private static void requireSqliteShell() {
        boolean there = false;
        try {
            Process process = new ProcessBuilder("sqlite3", "--version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            there = process.onExit().join().exitValue() == 0;
        } catch (IOException e) {
            // Said below.
        }
        if (!there && "1".equals(System.getenv("ANABRANCH_NO_SKIP"))) {
            fail("the program sqlite3 is missing");
        }
        assumeTrue(there, "the program sqlite3 is missing");
    }

    // ---- Processes

    /** Runs a command to its end, which has to be a good one, and returns what it printed. */
    private String run(String command) throws Exception {
        Path out = folder.resolve("out.txt");
        Process process = start(command, out);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
        assertThat(process.exitValue())
                .as("%s said %s", command, Files.readString(out))
                .isZero();
        return Files.readString(out);
    }

    /** Starts a command that stays, and waits until it prints a line that begins so. */
    private void stay(String command, String line) throws Exception {
        Path out = folder.resolve("out" + running.size() + ".txt");
        Process process = start("exec " + command, out);
        running.add(process);
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (Files.readString(out).lines().noneMatch(said -> said.startsWith(line))) {
            assertThat(process.isAlive() && System.nanoTime() < deadline)
                    .as("%s said %s", command, Files.readString(out))
                    .isTrue();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private Process start(String command, Path out) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command.replace("7878", Integer.toString(port)))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("CLASSES", System.getProperty("java.class.path"));
        environment.put("ANABRANCH_PORT", Integer.toString(port));
        environment.put("ANABRANCH_STATE_DIR", folder.resolve("state").toString());
        return builder.start();
    }

    // ---- Files, as any other program has them

    private void write(String file, String sql) {
        try (SqlDatabase database = new JdbcDriver().open(folder.resolve(file), 5_000)) {
            database.execute(sql);
        }
    }

    private void awaitTitle(String file, String title) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!rows(file, "SELECT title FROM product").equals(List.of(title))) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private List<String> rows(String file, String sql) {
        List<String> rows = new ArrayList<>();
        try (SqlDatabase database = new JdbcDriver().open(folder.resolve(file), 5_000)) {
            SqlStatement statement = database.prepare(sql);
            while (statement.step()) {
                rows.add(statement.getValue(0).toString());
            }
        } catch (SqlException e) {
            // No such table yet.
        }
        return rows;
    }
}
