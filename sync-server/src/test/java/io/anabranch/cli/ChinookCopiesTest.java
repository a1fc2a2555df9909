// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A public sample database of a music shop, made by others: 11 tables, 15,607 rows, foreign keys, a composite key, NUMERIC
 * and DATETIME columns. Its file is named by ANABRANCH_CHINOOK; without it there is nothing to test.
 */
class ChinookCopiesTest {
    private static final String[] ENROL = {
        "--space", "chinook", "--all-tables", "--rule", "InvoiceLine.Quantity=counter"
    };
    private static final List<String> REPLICAS = List.of("ann", "bob", "cyn");

    @TempDir
    Path folder;

    private RelayServer relay;

    @BeforeEach
    void begin() throws IOException {
        String chinook = System.getenv("ANABRANCH_CHINOOK");
        assumeTrue(chinook != null && !chinook.isEmpty(), "skipped: ANABRANCH_CHINOOK does not name the file");
        for (String name : List.of("ann", "bob")) {
            Files.write(file(name), Files.readAllBytes(Path.of(chinook)));
        }
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
    }

    @AfterEach
    void stopRelay() {
        if (relay != null) {
            relay.close();
        }
    }

    @Test
    void threeReplicasWrittenByTheSqliteShellHoldTheSame() throws Exception {
        List<String> before = dump("ann");
        assertThat(before).hasSize(15_607);
        for (String name : List.of("ann", "bob")) {
            Cli.Result init = init(name, ENROL);
            assertThat(init.err().lines().filter(line -> line.contains("the same integer key")))
                    .hasSize(10);
        }
        // Gets its tables, their rules and all rows from the space.
        init("cyn", "--space", "chinook");
        settle();
        assertAllHoldTheSame();
        assertThat(dump("cyn")).isEqualTo(before);

        shell(
                "ann",
                "UPDATE Track SET UnitPrice = 1.29 WHERE TrackId % 7 = 0;"
                        + "UPDATE Artist SET Name = 'AC⚡DC' WHERE ArtistId = 1;"
                        + "UPDATE InvoiceLine SET Quantity = Quantity + 1 WHERE InvoiceLineId = 1;"
                        + "DELETE FROM InvoiceLine WHERE InvoiceLineId % 50 = 0;"
                        + "INSERT INTO Genre VALUES (100, 'Field recording');");
        shell(
                "bob",
                "UPDATE Track SET Name = Name || ' (live)' WHERE TrackId % 5 = 0;"
                        + "UPDATE InvoiceLine SET Quantity = Quantity + 2 WHERE InvoiceLineId IN (1, 100);"
                        + "INSERT INTO Genre VALUES (100, 'Chamber'); INSERT INTO PlaylistTrack VALUES (2, 1), (2, 2);");
        shell(
                "cyn",
                "UPDATE Artist SET Name = 'AC and DC' WHERE ArtistId = 1;"
                        + "UPDATE InvoiceLine SET Quantity = Quantity + 3 WHERE InvoiceLineId = 1;"
                        + "DELETE FROM PlaylistTrack WHERE PlaylistId = 8;"
                        + "UPDATE Invoice SET Total = Total + 1.01, InvoiceDate = '2030-01-01 00:00:00' WHERE InvoiceId < 50;");
        settle();
        settle();

        assertAllHoldTheSame();
        assertThat(Cli.query(file("cyn"), "SELECT Quantity FROM InvoiceLine WHERE InvoiceLineId = 1"))
                .containsExactly("7");
        assertThat(Cli.query(file("ann"), "SELECT UnitPrice, Name LIKE '% (live)' FROM Track WHERE TrackId = 35"))
                .containsExactly("1.29|1");
        assertThat(Cli.query(file("ann"), "SELECT count(*) FROM InvoiceLine WHERE InvoiceLineId = 100"))
                .as("an edit keeps what another replica deletes meanwhile")
                .containsExactly("1");
    }

    private Cli.Result init(String name, String... options) {
        List<Object> args = new ArrayList<>(List.of("init", file(name)));
        args.addAll(List.of(options));
        Cli.Result init = Cli.run(args.toArray());
        assertThat(init.exitCode()).as(init.err()).isZero();
        return init;
    }

    private void settle() {
        for (String name : REPLICAS) {
            Cli.good("sync", file(name), relay.url());
        }
        for (String name : REPLICAS) {
            Cli.good("sync", file(name), relay.url());
        }
    }

    private void assertAllHoldTheSame() {
        List<String> rows = dump("ann");
        String digest = Cli.good("digest", file("ann")).out();
        for (String name : REPLICAS) {
            assertThat(dump(name)).as(name).isEqualTo(rows);
            assertThat(Cli.good("digest", file(name)).out()).as(name).isEqualTo(digest);
            assertThat(Cli.query(file(name), "PRAGMA integrity_check")).containsExactly("ok");
            assertThat(Cli.query(file(name), "PRAGMA foreign_key_check")).isEmpty();
        }
    }

    /** Returns every row of every table of the shop, as plain SQL shows them. */
    private List<String> dump(String name) {
        List<String> tables = Cli.query(
                file(name),
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
                        + " AND name NOT LIKE '~_ab~_%' ESCAPE '~' ORDER BY name");
        List<String> rows = new ArrayList<>();
        for (String table : tables) {
            Cli.query(file(name), "SELECT * FROM \"" + table + "\" ORDER BY 1, 2")
                    .forEach(row -> rows.add(table + "|" + row));
        }
        return rows;
    }

    /** Writes as a person would, while no Anabranch has the file open. */
    private void shell(String name, String sql) throws IOException, InterruptedException {
        Path output = folder.resolve("shell.txt");
        Process shell = new ProcessBuilder("sqlite3", "-bail", file(name).toString(), sql)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(shell.waitFor()).as(Files.readString(output)).isZero();
    }

    private Path file(String name) {
        return folder.resolve(name + ".db");
    }
}
