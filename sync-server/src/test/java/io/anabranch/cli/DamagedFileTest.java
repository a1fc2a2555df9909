// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ReplicaServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.Replica;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bytes that a disk has changed in a replica's or a relay's file, in the log and in pages of SQLite's own: noticed before anything of
 * it is shown or passed on, named, and healed from a peer or left with word of what to do.
 */
class DamagedFileTest {
    /** A text that is once in each change set that writes it, and so in the log, which is not compressed. */
    private static final String MARK = "a text to be found again";

    @TempDir
    Path folder;

    private Path shop;
    private Path other;
    private Path relayFile;

    @BeforeEach
    void threeThatHoldTheSame() {
        shop = folder.resolve("shop.db");
        other = folder.resolve("other.db");
        relayFile = folder.resolve("relay.db");
        Cli.execute(shop, "CREATE TABLE product(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        Cli.good("init", shop, "--space", "shop", "--all-tables", "--rule", "product.stock=counter");
        Cli.execute(shop, "INSERT INTO product VALUES ('cup', '" + MARK + "', 9)");
        try (RelayServer relay = relay()) {
            Cli.good("sync", shop, relay.url());
            Cli.execute(shop, "UPDATE product SET title = 'Cup', stock = stock - 1");
            Cli.good("sync", shop, relay.url());
            Cli.good("init", other, "--space", "shop");
            Cli.good("sync", other, relay.url());
        }
    }

    private RelayServer relay() {
        return RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFile));
    }

    /** Changes one letter of the mark wherever it stands in the file. */
    private static void alterTheMark(Path file) throws IOException {
        Cli.execute(file, "PRAGMA wal_checkpoint(TRUNCATE)");
        byte[] bytes = Files.readAllBytes(file);
        byte[] mark = MARK.getBytes(StandardCharsets.UTF_8);
        int found = 0;
        for (int i = 0; i + mark.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + mark.length, mark, 0, mark.length)) {
                bytes[i] ^= 1;
                found++;
            }
        }
        assertThat(found).as("places in " + file).isPositive();
        Files.write(file, bytes);
    }

    /** Fills the page that a table or an index begins with with what no page begins with. */
    private static void destroy(Path file, String name) throws IOException {
        Cli.execute(file, "PRAGMA wal_checkpoint(TRUNCATE)");
        int page = Integer.parseInt(Cli.query(file, "SELECT rootpage FROM sqlite_master WHERE name = '" + name + "'")
                .get(0));
        int size = Integer.parseInt(Cli.query(file, "PRAGMA page_size").get(0));
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, (page - 1) * size, page * size, (byte) 0x5a);
        Files.write(file, bytes);
    }

    @Test
    void aChangeSetDamagedInARelaysFileIsNamedNotGivenAndHealedFromAReplica() throws IOException {
        alterTheMark(relayFile);
        Path newcomer = folder.resolve("newcomer.db");
        Cli.good("init", newcomer, "--space", "shop");
        try (RelayServer relay = relay()) {
            Cli.run("sync", newcomer, relay.url()).assertFailed(1, "the relay cannot use its file");
            assertThat(Cli.query(newcomer, "SELECT name FROM sqlite_master WHERE name = 'product'"))
                    .isEmpty();
        }
        Cli.Result found = Cli.run("verify", relayFile);
        assertThat(found.exitCode()).isEqualTo(1);
        assertThat(found.out())
                .contains("log: space shop, change set ", "is not what arrived", "try --repair --from URL");
        assertThat(Cli.run("doctor", relayFile).out()).contains("is not what arrived");

        try (Replica replica = Replica.open(other);
                ReplicaServer served = ReplicaServer.start(replica, 0)) {
            Cli.Result healed = Cli.run("verify", relayFile, "--repair", "--from", served.url());
            assertThat(healed.err()).contains("healed 1 damaged change sets from " + served.url());
            assertThat(healed.out()).startsWith("sound: ");
            assertThat(healed.exitCode()).isZero();
        }
        try (RelayServer relay = relay()) {
            Cli.good("sync", newcomer, relay.url());
        }
        assertThat(Cli.good("digest", newcomer).out())
                .isEqualTo(Cli.good("digest", shop).out());
    }

    @Test
    void aChangeSetDamagedInAReplicasLogIsNamedNotSentAndHealedFromTheRelay() throws IOException {
        alterTheMark(shop);
        Path elsewhere = folder.resolve("elsewhere.db");
        try (RelayServer empty = RelayServer.start(new ServerOptions("127.0.0.1", 0, elsewhere))) {
            Cli.run("sync", shop, empty.url()).assertFailed(1, "is damaged in the log, and is not sent");
        }
        assertThat(Cli.query(
                        elsewhere, "SELECT count(*) FROM log WHERE CAST(bytes AS TEXT) LIKE '%to be found again%'"))
                .containsExactly("0");
        assertThat(Cli.run("verify", shop).out()).contains("was altered");
        Cli.run("verify", shop, "--repair").assertFailed(1, "--repair --from URL");

        try (RelayServer relay = relay()) {
            Cli.Result healed = Cli.run("verify", shop, "--repair", "--from", relay.url());
            assertThat(healed.err()).contains("healed 1 damaged change sets from " + relay.url());
            assertThat(healed.out()).startsWith("sound: ");
            assertThat(healed.exitCode()).isZero();
        }
        try (RelayServer empty = RelayServer.start(new ServerOptions("127.0.0.1", 0, elsewhere))) {
            Cli.good("sync", shop, empty.url());
        }
    }

    @Test
    void aDestroyedPageOfATableIsSaidAndWhatWasNotSentYetIsCarriedOver() throws IOException {
        Cli.execute(shop, "UPDATE product SET stock = stock - 3");
        try (Replica replica = Replica.open(shop)) {
            replica.version(); // Seals it.
        }
        destroy(shop, "product");

        Cli.run("verify", shop).assertFailed(1, "is damaged", "bundle export");
        assertThat(Cli.run("doctor", shop).out()).contains("malformed", "bundle export");

        assertThat(carriedOver()).containsExactly("cup|Cup|5");
    }

    @Test
    void whatWasNotSealedWhenItsPageWasDestroyedIsLostAloneAndThatIsSaid() throws IOException {
        Cli.execute(shop, "UPDATE product SET stock = stock - 3");
        destroy(shop, "product");

        Cli.run("sync", shop, "http://127.0.0.1:9").assertFailed(1, "is damaged", "bundle export");

        assertThat(carriedOver()).containsExactly("cup|Cup|8");
    }

    /** Returns what a new replica shows that gets only what can still be read of the damaged one. */
    private List<String> carriedOver() {
        Path bundle = folder.resolve("rescued.bundle");
        Path again = folder.resolve("again.db");
        assertThat(Cli.run("bundle", "export", shop, bundle).exitCode()).isZero();
        Cli.good("init", again, "--space", "shop");
        Cli.good("bundle", "import", again, bundle);
        return Cli.query(again, "SELECT id, title, stock FROM product");
    }

    @Test
    void aDestroyedPageOfARelaysLogIsSaidAndItsReplicasFillAnotherFile() throws IOException {
        destroy(relayFile, "log");
        Path newcomer = folder.resolve("newcomer.db");
        Cli.good("init", newcomer, "--space", "shop");
        try (RelayServer relay = relay()) {
            Cli.run("sync", newcomer, relay.url()).assertFailed(1, "cannot use its file (CORRUPT)");
        }
        assertThat(Cli.run("doctor", relayFile).out()).contains("malformed", "clients bring what it lacks");

        relayFile = folder.resolve("relay-again.db");
        try (RelayServer relay = relay()) {
            for (Path file : List.of(shop, other, newcomer)) {
                Cli.good("sync", file, relay.url());
            }
        }
        assertThat(Cli.good("digest", newcomer).out())
                .isEqualTo(Cli.good("digest", shop).out());
    }

    @Test
    void healingTakesAPeerAndIsForRepairs() {
        Cli.run("verify", shop, "--from", "http://127.0.0.1:9").assertFailed(2, "--from without --repair");
        Cli.run("verify", relayFile, "--repair").assertFailed(2, "--repair of a relay's file needs --from URL");
        Cli.run("verify", shop, "--repair", "--from", "somewhere").assertFailed(2, "is not the address of a peer");
    }

    @Test
    void aPeerThatIsNotThereIsSaid() throws IOException {
        alterTheMark(shop);
        Cli.run("verify", shop, "--repair", "--from", "http://127.0.0.1:9")
                .assertFailed(1, "the peer cannot heal this", "nobody listens");
    }
}
