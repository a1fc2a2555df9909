// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
    @TempDir
    Path folder;

    @Test
    void saysWhereItListensAndEndsInOrderWhenTold() throws Exception {
        Path data = folder.resolve("relay.db");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dlogback.configurationFile=logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.anabranch.cli.Main",
                        "serve",
                        "--port",
                        "0",
                        "--data",
                        data.toString())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
        try (BufferedReader out = process.inputReader()) {
            String first = out.readLine();
            assertThat(first).matches("listening on http://127\\.0\\.0\\.1:[0-9]+");
            URI live = URI.create(first.substring("listening on ".length()) + "/health/live");
            assertThat(HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(live).build(), BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);

            process.destroy(); // SIGTERM.

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(Files.readString(folder.resolve("err.txt")).strip().lines())
                    .satisfiesExactly(
                            line -> assertThat(line).contains("INFO", "relay started url=", "access=this-machine"),
                            line -> assertThat(line).endsWith("relay stopping"),
                            line -> assertThat(line).contains("relay stopped requests=1 rejected=0"));
            assertThat(folder.resolve("relay.db-wal")).doesNotExist();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void whereNoFileCanBeIsSaid() {
        Path nowhere = folder.resolve("nowhere");
        Cli.run("serve", "--data", nowhere.resolve("relay.db")).assertFailed(1, "there is no folder " + nowhere);
        Cli.run("serve", "--data", folder).assertFailed(1, "it is a folder");
    }

    @Test
    void aReplicaIsServedUntilTold() throws Exception {
        Path ann = folder.resolve("ann.db");
        Path bob = folder.resolve("bob.db");
        Cli.execute(ann, "CREATE TABLE note(id TEXT PRIMARY KEY)", "INSERT INTO note VALUES ('a')");
        Cli.good("init", ann, "--space", "notes", "--table", "note");
        Cli.good("init", bob, "--space", "notes");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.anabranch.cli.Main",
                        "serve",
                        "--port",
                        "0",
                        "--replica",
                        ann.toString())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
        try (BufferedReader out = process.inputReader()) {
            String url = out.readLine().substring("listening on ".length());
            Cli.execute(ann, "INSERT INTO note VALUES ('b')");

            Cli.good("sync", bob, url);
            assertThat(Cli.query(bob, "SELECT id FROM note ORDER BY id")).containsExactly("a", "b");
            assertThat(folder.resolve("ann.db.tokens")).exists();

            process.destroy(); // SIGTERM.
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            Cli.run("serve", "--port", taken.getLocalPort(), "--data", folder.resolve("relay.db"))
                    .assertFailed(
                            1,
                            "cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": Address already in use",
                            "--port 0");
        }
    }

    @Test
    void aFileThatIsNoRelaysIsLeftAsItIs() throws IOException {
        Path file = folder.resolve("notes.txt");
        Files.writeString(file, "Dear diary");

        Cli.run("serve", "--port", "0", "--data", file).assertFailed(1, "notes.txt", "it is not an SQLite file");
        assertThat(file).hasContent("Dear diary");
    }
}
