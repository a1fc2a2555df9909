// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client that shares no code with this project, written from {@code docs/protocol.md} in Python's standard library, beside
 * replicas of ours at a real relay that asks for tokens. Skipped without {@code python3}; fails then when ANABRANCH_NO_SKIP is 1.
 */
class PythonClientTest {
    private static final Path CLIENT =
            Path.of("../docs/examples/anabranch_client.py").toAbsolutePath();

    @TempDir
    Path folder;

    private RelayServer relay;
    private String token;
    private Replica ours;

    @BeforeEach
    void start() {
        requirePython();
        Path data = folder.resolve("relay.db");
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            token = new Tokens(store.tokens(), Clock.systemUTC())
                    .create("shop", Set.of(Right.READ, Right.WRITE), "")
                    .text();
        }
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data));
        ours = Replica.create(folder.resolve("shop.db"), "shop");
        ours.execute("CREATE TABLE product(id TEXT PRIMARY KEY, title TEXT, stock INTEGER, price REAL)");
        ours.enrol("product", TableRules.defaults().counter("stock"));
        ours.execute("INSERT INTO product VALUES ('cup', 'Cup', 9, 2.5)");
    }

    @AfterEach
    void stop() {
        if (ours != null) {
            ours.close();
            relay.close();
        }
    }

    @Test
    void itReadsWhatAReplicaWroteAndAReplicaShowsWhatItWrites() throws IOException {
        syncOurs();
        assertThat(python("sync")).containsExactly("sent 0, received 2");
        assertThat(python("show", "product"))
                .containsExactly("{\"id\": \"cup\", \"title\": \"Cup\", \"stock\": 9, \"price\": 2.5}");

        python("put", "product", "[\"cup\"]", "{\"title\": \"Mug\", \"stock\": -2}");
        python("put", "product", "[\"pot\"]", "{\"title\": \"Böttger's\", \"stock\": 3, \"price\": 7.25}");
        assertThat(python("sync")).containsExactly("sent 2, received 0");
        syncOurs();

        assertThat(ours.query("SELECT * FROM product ORDER BY id"))
                .containsExactly(
                        Map.of("id", "cup", "title", "Mug", "stock", 7L, "price", 2.5),
                        Map.of("id", "pot", "title", "Böttger's", "stock", 3L, "price", 7.25));
        assertThat(ours.verify().isSound()).isTrue();
    }

    @Test
    void concurrentWritesMergeToTheSameOnBothSides() throws IOException {
        syncOurs();
        python("sync");
        ours.execute("UPDATE product SET stock = stock - 1, price = 3.0 WHERE id = 'cup'");
        python("put", "product", "[\"cup\"]", "{\"stock\": -2, \"title\": \"Mug\"}");
        ours.execute("INSERT INTO product VALUES ('jug', 'ours', 1, NULL)");
        python("put", "product", "[\"jug\"]", "{\"title\": \"theirs\", \"stock\": 2}");

        syncOurs();
        python("sync");
        syncOurs();

        List<JsonNode> theirs = rows();
        assertThat(theirs).hasSize(2);
        assertThat(theirs.get(0).toString()).isEqualTo("{\"id\":\"cup\",\"title\":\"Mug\",\"stock\":6,\"price\":3.0}");
        assertThat(theirs.get(1).get("stock").asInt()).isEqualTo(3);
        assertThat(ours.query("SELECT id, title, stock FROM product ORDER BY id"))
                .containsExactly(
                        Map.of("id", "cup", "title", "Mug", "stock", 6L),
                        Map.of("id", "jug", "title", theirs.get(1).get("title").asText(), "stock", 3L));
    }

    @Test
    void aRowThatOneDeletesAndTheOtherEditsStaysAndOneThatIsDeletedGoes() throws IOException {
        syncOurs();
        python("sync");
        ours.execute("DELETE FROM product WHERE id = 'cup'");
        python("put", "product", "[\"cup\"]", "{\"title\": \"kept\"}");
        syncOurs();
        python("sync");
        syncOurs();
        assertThat(python("show", "product"))
                .containsExactly("{\"id\": \"cup\", \"title\": \"kept\", \"stock\": 9, \"price\": 2.5}");
        assertThat(ours.query("SELECT title FROM product")).containsExactly(Map.of("title", "kept"));

        ours.execute("DELETE FROM product");
        syncOurs();
        python("sync");
        assertThat(python("show", "product")).isEmpty();
        python("put", "product", "[\"cup\"]", "{\"title\": \"again\"}");
        python("sync");
        syncOurs();
        assertThat(ours.query("SELECT title, stock FROM product"))
                .containsExactly(Map.of("title", "again", "stock", 0L));
    }

    @Test
    void twoOfThemExchangeThroughTheRelayAlone() {
        syncOurs();
        python("sync");
        for (int i = 0; i < 30; i++) {
            python("put", "product", "[\"cup\"]", "{\"stock\": 1}");
        }
        python("sync");

        assertThat(run("other.json", "sync").lines()).containsExactly("sent 0, received 32");
        assertThat(run("other.json", "show", "product").lines())
                .containsExactly("{\"id\": \"cup\", \"title\": \"Cup\", \"stock\": 39, \"price\": 2.5}");
    }

    @Test
    void theRelaysJsonIsThereForItToShow() throws IOException {
        syncOurs();
        JsonNode changes = new ObjectMapper().readTree(String.join("\n", python("changes")));
        assertThat(changes.at("/changeSets/1/operations/0/cells/title/put").asText())
                .isEqualTo("Cup");
    }

    @Test
    void itIsAsShortAsItIsSaidToBe() throws IOException {
        assertThat(Files.readAllLines(CLIENT)).hasSizeLessThan(300);
        assertThat(Files.readString(CLIENT))
                .contains("import base64, hashlib, json, os, struct, sys, time, urllib.error, urllib.parse,"
                        + " urllib.request, zlib\n")
                .doesNotContainPattern("(?m)^ *from .* import");
    }

    @Test
    void errorsOfTheRelayReachItsUser() {
        token = "anabranch_wrong";
        Result result = run("python.json", "sync");
        assertThat(result.exitCode).isEqualTo(1);
        assertThat(result.text).startsWith("unauthorized: ").contains("--token-file");
    }

    // ---- Helpers

    private void syncOurs() {
        assertThat(ours.sync(relay.url(), PeerOptions.builder().token(token).build()))
                .isInstanceOf(SyncOutcome.Settled.class);
    }

    private List<JsonNode> rows() throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : python("show", "product")) {
            rows.add(new ObjectMapper().readTree(line));
        }
        return rows;
    }

    private List<String> python(String... command) {
        Result result = run("python.json", command);
        assertThat(result.exitCode).as(result.text).isZero();
        return result.lines();
    }

    private Result run(String state, String... command) {
        List<String> line = new ArrayList<>(List.of(
                "python3",
                CLIENT.toString(),
                folder.resolve(state).toString(),
                relay.url().toString(),
                "shop"));
        line.addAll(Arrays.asList(command));
        Path out = folder.resolve("python.out");
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().put("ANABRANCH_TOKEN", token);
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        try {
            Process process = builder.start();
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            return new Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(line.toString(), e);
        }
    }

    private static void requirePython() {
        try {
            if (new ProcessBuilder("python3", "--version")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0) {
                return;
            }
        } catch (IOException e) {
            // It is not there.
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if ("1".equals(System.getenv("ANABRANCH_NO_SKIP"))) {
            fail("python3 is missing: apt-get install python3");
        }
        abort("python3 is missing: apt-get install python3");
    }

    private record Result(int exitCode, String text) {
        List<String> lines() {
            return text.lines().toList();
        }
    }
}
