// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.server.space.RelaySpace;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.Aside;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says of files and relays that are well, and of those that are not. */
class DoctorCommandTest {
    @TempDir
    Path folder;

    private Path shop;
    private Path relayFile;

    @BeforeEach
    void replica() {
        shop = folder.resolve("shop.db");
        relayFile = folder.resolve("relay.db");
        Cli.execute(
                shop,
                "CREATE TABLE product(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)",
                "INSERT INTO product VALUES ('cup', 'Cup', 9)");
        assertThat(Cli.run("init", shop, "--space", "shop", "--all-tables").exitCode())
                .isZero();
    }

    // ---- Replicas

    @Test
    void aReplicaThatIsWellIsHealthy() throws IOException {
        Files.setPosixFilePermissions(shop, PosixFilePermissions.fromString("rw-------"));
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFile))) {
            Cli.good("sync", shop, relay.url());
        }
        Cli.Result result = Cli.good("doctor", shop, "--json");
        JsonNode document = result.json();
        assertThat(document.get("kind").asText()).isEqualTo("replica");
        assertThat(document.get("healthy").asBoolean()).isTrue();
        for (JsonNode check : document.get("checks")) {
            assertThat(check.get("state").asText()).as(check.toString()).isEqualTo("ok");
            assertThat(check.get("advice").asText()).isEmpty();
        }
        assertThat(document.get("checks").findValuesAsText("check"))
                .containsExactly(
                        "permissions",
                        "disk",
                        "integrity",
                        "wal",
                        "identity",
                        "clock",
                        "log",
                        "agreement",
                        "divergence",
                        "hidden",
                        "rejected",
                        "peers");
        assertThat(Cli.good("doctor", shop).out()).contains("ok       integrity", "shop.db: healthy");
    }

    @Test
    void aReplicaThatNobodyHasACopyOfIsToldToSync() throws IOException {
        JsonNode peers = check(Cli.good("doctor", shop, "--json"), "peers");
        assertThat(peers.get("state").asText()).isEqualTo("warning");
        assertThat(peers.get("advice").asText()).isEqualTo("'anabranch sync " + shop + " URL'");
    }

    @Test
    void aTableThatShowsWhatNobodyWroteIsFound() throws IOException {
        Cli.execute(
                shop,
                "DROP TRIGGER IF EXISTS x",
                "UPDATE _ab_mode SET mode = 1",
                "UPDATE product SET title = 'forged'",
                "DELETE FROM _ab_pending",
                "UPDATE _ab_mode SET mode = 0");
        Cli.Result result = Cli.run("doctor", shop, "--json");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(check(result, "agreement").get("state").asText()).isEqualTo("error");
        assertThat(check(result, "agreement").get("advice").asText()).contains("--repair");
    }

    @Test
    void aTableThatIsGoneIsListedWithWhatToDo() throws IOException {
        Cli.execute(shop, "DROP TABLE product");

        JsonNode tables = check(Cli.good("doctor", shop, "--json"), "tables");

        assertThat(tables.get("state").asText()).isEqualTo("warning");
        assertThat(tables.get("message").asText()).contains("table product replicates, and was dropped");
        assertThat(tables.get("advice").asText()).contains("'anabranch drop " + shop + " product'");
        Cli.good("drop", shop, "product");
        assertThat(Cli.good("doctor", shop).out()).doesNotContain("warning  tables");
    }

    @Test
    void rowsThatAreHiddenAreCounted() throws IOException {
        Path other = folder.resolve("other.db");
        for (Path file : new Path[] {shop, other}) {
            if (file.equals(other)) {
                assertThat(Cli.run("init", other, "--space", "shop").exitCode()).isZero();
            }
        }
        Cli.execute(shop, "CREATE TABLE code(id TEXT PRIMARY KEY, code TEXT UNIQUE)");
        assertThat(Cli.run("init", shop, "--space", "shop", "--table", "code").exitCode())
                .isZero();
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFile))) {
            Cli.good("sync", shop, relay.url());
            Cli.good("sync", other, relay.url());
            Cli.execute(shop, "INSERT INTO code VALUES ('a', 'same')");
            Cli.execute(other, "INSERT INTO code VALUES ('b', 'same')");
            Cli.good("sync", shop, relay.url());
            Cli.good("sync", other, relay.url());
        }
        JsonNode hidden = check(Cli.run("doctor", other, "--json"), "hidden");
        assertThat(hidden.get("state").asText()).isEqualTo("warning");
        assertThat(hidden.get("message").asText()).startsWith("1 rows are hidden");
    }

    @Test
    void aCopyIsSaidToTakeANewName() throws IOException {
        Path copy = folder.resolve("copy.db");
        Files.copy(shop, copy);
        Path wal = Path.of(shop + "-wal");
        if (Files.exists(wal)) {
            Files.copy(wal, Path.of(copy + "-wal"));
        }
        JsonNode identity = check(Cli.run("doctor", copy, "--json"), "identity");
        assertThat(identity.get("state").asText()).isEqualTo("warning");
        assertThat(identity.get("message").asText()).contains("it is a copy", "takes a new one");
    }

    @Test
    void aFileThatEverybodyMayReadIsSaidToBeOne() throws IOException {
        Files.setPosixFilePermissions(shop, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(check(Cli.run("doctor", shop, "--json"), "permissions")
                        .get("advice")
                        .asText())
                .isEqualTo("chmod o-r " + shop);
    }

    @Test
    void aDamagedFileIsNotLookedAtFurther() throws IOException {
        Cli.good("verify", shop);
        Cli.execute(shop, "PRAGMA wal_checkpoint(TRUNCATE)");
        byte[] bytes = Files.readAllBytes(shop);
        for (int i = 4096 * 2; i < 4096 * 6; i++) {
            bytes[i] = (byte) (i * 31);
        }
        Files.write(shop, bytes, StandardOpenOption.TRUNCATE_EXISTING);
        Cli.Result result = Cli.run("doctor", shop);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("error", "restore");
    }

    @Test
    void whatIsNoReplicaIsNamed() throws IOException {
        Path plain = folder.resolve("plain.db");
        Cli.execute(plain, "CREATE TABLE t(a)");
        assertThat(Cli.run("doctor", plain).out()).contains("neither a replica nor a relay's", "anabranch init");
        Path text = folder.resolve("notes.txt");
        Files.writeString(
                text, "Dear diary, this is a text that is long enough to be looked at as a header of a file.");
        Cli.Result result = Cli.run("doctor", text, "--json");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(check(result, "file").get("advice").asText()).contains("name an SQLite file");
        assertThat(Cli.run("doctor", folder.resolve("none.db")).out()).contains("there is no such file");
    }

    // ---- Relays' files

    @Test
    void aRelaysFileIsLookedAtToo() throws IOException {
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFile))) {
            Cli.good("sync", shop, relay.url());
        }
        Cli.Result result = Cli.good("doctor", relayFile, "--json");
        assertThat(result.json().get("kind").asText()).isEqualTo("relay-file");
        assertThat(check(result, "spaces").get("message").asText()).startsWith("1 spaces hold 1 change sets");
        assertThat(check(result, "tokens").get("state").asText()).isEqualTo("warning");
        Cli.good("token", "create", "--space", "shop", "--rights", "read", "--data", relayFile);
        assertThat(check(Cli.good("doctor", relayFile, "--json"), "tokens")
                        .get("message")
                        .asText())
                .isEqualTo("1 tokens are good");
    }

    @Test
    void tooManyRelaysToFollowAreSaid() throws IOException {
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), relayFile)) {
            RelaySpace space = new RelaySpaces(store, Retention.DEFAULT).space("shop");
            for (int i = 1; i <= 63; i++) {
                space.heardWords(
                        List.of(new Aside.Word(ChangeSets.of(i).origin(), VersionVector.EMPTY, VersionVector.EMPTY)));
            }
        }
        JsonNode followed = check(Cli.good("doctor", relayFile, "--json"), "relays");
        assertThat(followed.get("state").asText()).isEqualTo("ok");
        assertThat(followed.get("message").asText()).contains("follows the 63 other relays");
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), relayFile)) {
            new RelaySpaces(store, Retention.DEFAULT)
                    .space("shop")
                    .heardWords(List.of(
                            new Aside.Word(ChangeSets.of(64).origin(), VersionVector.EMPTY, VersionVector.EMPTY)));
        }
        JsonNode tooMany = check(Cli.good("doctor", relayFile, "--json"), "relays");
        assertThat(tooMany.get("state").asText()).isEqualTo("warning");
        assertThat(tooMany.get("message").asText()).contains("has heard of 64 other relays and follows 63");
        assertThat(tooMany.get("advice").asText()).contains("anabranch peer forget");
    }

    // ---- Relays

    @Test
    void aRelayThatIsWellIsHealthy() throws IOException {
        String token = Cli.good("token", "create", "--space", "shop", "--rights", "read,write", "--data", relayFile)
                .out()
                .strip();
        Path tokenFile = folder.resolve("token");
        Files.writeString(tokenFile, token);
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFile))) {
            Cli.Result result = Cli.good("doctor", relay.url(), "--space", "shop", "--token-file", tokenFile, "--json");
            assertThat(result.json().get("healthy").asBoolean()).isTrue();
            assertThat(result.json().get("checks").findValuesAsText("check"))
                    .containsExactly("reachable", "latency", "tls", "ready", "token", "protocol", "clock", "events");
            assertThat(check(result, "token").get("message").asText()).isEqualTo("rights in this space: read, write");
            assertThat(result.out()).doesNotContain(token);

            Cli.Result other = Cli.run("doctor", relay.url(), "--space", "office", "--token-file", tokenFile, "--json");
            assertThat(other.exitCode()).isEqualTo(1);
            assertThat(check(other, "token").get("message").asText()).startsWith("forbidden: ");
        }
    }

    @Test
    void aRelayThatIsNotThereIsSaidToBeGone() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Cli.Result result = Cli.run("doctor", "http://127.0.0.1:" + port);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("nobody answers", "anabranch serve", "1 error");
    }

    @Test
    void aWebServerIsNotTakenForARelay() throws IOException {
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            byte[] page = "<h1>It works!</h1>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        web.start();
        try {
            Cli.Result result =
                    Cli.run("doctor", "http://127.0.0.1:" + web.getAddress().getPort(), "--json");
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(check(result, "reachable").get("message").asText()).contains("not as a relay does");
        } finally {
            web.stop(0);
        }
    }

    private static JsonNode check(Cli.Result result, String name) throws IOException {
        for (JsonNode check : result.json().get("checks")) {
            if (check.get("check").asText().equals(name)) {
                return check;
            }
        }
        throw new AssertionError("no check '" + name + "' in " + result.out());
    }
}
