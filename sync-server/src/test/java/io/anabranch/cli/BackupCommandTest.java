// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code backup} and {@code restore}, of replicas and of relays. */
class BackupCommandTest {
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
        assertThat(Cli.run("init", shop, "--space", "shop", "--all-tables", "--rule", "product.stock=counter")
                        .exitCode())
                .isZero();
    }

    @Test
    void aRestoredReplicaWritesUnderANameOfItsOwnAndCatchesUp() throws Exception {
        Path backup = folder.resolve("shop.backup");
        Path restored = folder.resolve("restored.db");
        Cli.execute(shop, "UPDATE product SET stock = stock - 1");
        assertThat(Cli.good("backup", shop, backup).out()).contains("backed up", "shop.backup");
        Cli.execute(shop, "UPDATE product SET stock = stock - 1");
        String origin = Cli.good("status", shop, "--json").json().get("origin").asText();

        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFile))) {
            Cli.good("sync", shop, relay.url());
            assertThat(Cli.good("restore", backup, restored).out())
                    .contains("a replica of space shop", "'anabranch sync ");
            assertThat(Cli.query(restored, "SELECT stock FROM product")).containsExactly("8");
            assertThat(Cli.good("status", restored, "--json")
                            .json()
                            .get("origin")
                            .asText())
                    .isNotEqualTo(origin);

            Cli.execute(restored, "UPDATE product SET stock = stock - 5");
            Cli.good("sync", restored, relay.url());
            Cli.good("sync", shop, relay.url());
        }

        assertThat(Cli.query(restored, "SELECT stock FROM product")).containsExactly("2");
        assertThat(Cli.query(shop, "SELECT stock FROM product")).containsExactly("2");
        assertThat(Cli.good("digest", shop).out())
                .isEqualTo(Cli.good("digest", restored).out());
        assertThat(backup).exists();
    }

    @Test
    void aRelayThatWasRestoredIsGivenBackWhatItLost() throws Exception {
        Path backup = folder.resolve("relay.backup");
        Path other = folder.resolve("other.db");
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFile))) {
            Cli.good("sync", shop, relay.url());
            assertThat(Cli.good("backup", relayFile, backup).out()).contains("backed up");
            Cli.execute(shop, "INSERT INTO product VALUES ('pot', 'Pot', 1)");
            Cli.good("sync", shop, relay.url());
        }
        String epoch = Cli.query(relayFile, "SELECT hex(epoch) FROM space").get(0);
        Path restored = folder.resolve("relay-2.db");

        assertThat(Cli.good("restore", backup, restored).out()).contains("clients bring what it lacks", "token list");
        assertThat(Cli.query(restored, "SELECT hex(epoch) FROM space").get(0)).isNotEqualTo(epoch);
        assertThat(Cli.query(restored, "SELECT count(*) FROM log"))
                .isNotEqualTo(Cli.query(relayFile, "SELECT count(*) FROM log"));
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, restored))) {
            Cli.good("sync", shop, relay.url());
            assertThat(Cli.run("init", other, "--space", "shop").exitCode()).isZero();
            Cli.good("sync", other, relay.url());
        }
        assertThat(Cli.query(other, "SELECT id, stock FROM product ORDER BY id"))
                .containsExactly("cup|9", "pot|1");
    }

    @Test
    void aRelayThatLostItsFileIsFilledAgain() {
        Path other = folder.resolve("other.db");
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFile))) {
            Cli.good("sync", shop, relay.url());
        }
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("new.db")))) {
            Cli.good("sync", shop, relay.url());
            assertThat(Cli.run("init", other, "--space", "shop").exitCode()).isZero();
            Cli.good("sync", other, relay.url());
        }
        assertThat(Cli.query(other, "SELECT id, stock FROM product")).containsExactly("cup|9");
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        Path taken = folder.resolve("taken.db");
        Files.writeString(taken, "precious");
        Cli.run("backup", shop, taken).assertFailed(1, "taken.db already", "nothing is overwritten", "Name another");
        Cli.good("backup", shop, folder.resolve("b"));
        Cli.run("restore", folder.resolve("b"), taken).assertFailed(1, "taken.db already", "nothing is overwritten");
        Files.writeString(folder.resolve("new.db-wal"), "of a file that was moved away");
        Cli.run("restore", folder.resolve("b"), folder.resolve("new.db")).assertFailed(1, "new.db-wal already");
        assertThat(taken).hasContent("precious");
    }

    @Test
    void whatIsNeitherIsNamed() throws IOException {
        Path plain = folder.resolve("plain.db");
        Cli.execute(plain, "CREATE TABLE t(a)");
        Cli.run("backup", plain, folder.resolve("x")).assertFailed(1, "neither a replica nor a relay's");
        Cli.run("backup", folder.resolve("none.db"), folder.resolve("x")).assertFailed(1, "no such file");
        Cli.run("backup", shop, folder.resolve("no/such/x")).assertFailed(1, "no folder");
        Files.writeString(folder.resolve("notes.txt"), "Dear diary, this is no database at all");
        Cli.run("restore", folder.resolve("notes.txt"), folder.resolve("x"))
                .assertFailed(1, "notes.txt: it is not an SQLite file. 'anabranch doctor ");
        assertThat(folder.resolve("x")).doesNotExist();
    }
}
