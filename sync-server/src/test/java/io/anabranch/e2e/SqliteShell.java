// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The {@code sqlite3} program: another SQLite than the one inside Anabranch, and another process. */
final class SqliteShell {
    private SqliteShell() {}

    static boolean isInstalled() {
        try {
            Process process = new ProcessBuilder("sqlite3", "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs SQL on a file, stops at the first error, and returns the lines of the answer. */
    static List<String> run(Path file, String sql) {
        try {
            Process process = new ProcessBuilder("sqlite3", "-batch", "-bail", "-init", "/dev/null", file.toString())
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().write(sql.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(answer).isZero();
            return answer.lines().toList();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("sqlite3 on " + file, e);
        }
    }
}
