// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A command of the command line in a process of its own, which can be killed. Its standard error is appended to a file.
 * Confined to one thread.
 */
final class CommandProcess implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 60;

    private final String name;
    private final Path errors;
    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private CommandProcess(String name, Path errors, Process process) {
        this.name = name;
        this.errors = errors;
        this.process = process;
        Thread reader = new Thread(this::read, "stdout of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    static CommandProcess start(Path errors, Object... args) {
        return startMain(errors, "io.anabranch.cli.Main", args);
    }

    /** Runs another program than the command line, with the class path of the tests. */
    static CommandProcess startMain(Path errors, String main, Object... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        Arrays.stream(args).map(Object::toString).forEach(command::add);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                    .start();
            return new CommandProcess(Arrays.toString(args), errors, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        process.inputReader().lines().forEach(lines::add);
    }

    /** Waits for a line that begins with {@code prefix}, passing over others. */
    String awaitLine(String prefix) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (true) {
            String line = nextLine(deadline - System.nanoTime());
            if (line == null) {
                throw new AssertionError(name + " did not print '" + prefix + "'; it said " + errors());
            }
            if (line.startsWith(prefix)) {
                return line;
            }
        }
    }

    private @Nullable String nextLine(long nanos) {
        try {
            // A process that ended has nothing more to say, once its output is read.
            return lines.poll(process.isAlive() ? nanos : TimeUnit.SECONDS.toNanos(1), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until it has computed for so long: unlike time, that passes alike on a busy machine. */
    void awaitCpu(Duration least) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (process.info().totalCpuDuration().orElse(least).compareTo(least) < 0) {
            assertThat(process.isAlive() && System.nanoTime() < deadline)
                    .as(name + " computes")
                    .isTrue();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** Returns what else it printed, once it is gone. */
    List<String> lastLines() {
        List<String> last = new ArrayList<>();
        for (String line = nextLine(0); line != null; line = nextLine(0)) {
            last.add(line);
        }
        return last;
    }

    /** Forgets what it printed until now. */
    void skipLines() {
        lines.clear();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@code kill -9}: returns once it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** SIGTERM: waits for it to end in order, and returns its exit code. */
    int stop() {
        process.toHandle().destroy(); // Process.destroy would close what it prints to the end.
        try {
            assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS))
                    .as(name + " ends on SIGTERM")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return process.exitValue();
    }

    String errors() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
