// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Chinook, a sample database of a music shop that others made: 11 tables, 15,607 rows, foreign keys, a composite key, NUMERIC
 * and DATETIME columns. Enrolled whole, seeded to two more replicas through a relay, written to on all three by the {@code
 * sqlite3} shell while no Anabranch has a file open, and merged.
 *
 * <p>What is random has a seed. To run it: {@code ANABRANCH_CHINOOK=chinook.sqlite mvn verify -pl sync-server -am
 * -Dtest='io.anabranch.e2e.ChinookTest' -Dsurefire.failIfNoSpecifiedTests=false}. It is skipped where the file or the
 * program {@code sqlite3} is missing, and fails there when ANABRANCH_NO_SKIP is 1.
 */
class ChinookTest {
    /** The original, an empty file, and a file that was not there: the last two get everything from the space. */
    private static final List<String> REPLICAS = List.of("original", "empty", "missing");

    private static final String TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"
            + " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_ab\\_%' ESCAPE '\\' ORDER BY name;";

    private static final int ROWS = 15_607;

    /** Rows that the writes below add, less rows that they take away. */
    private static final int ROWS_GAINED = 5 + 6 + 4 - 1 - 1 - 1 - 26;

    /** A counter and a set, which the original has not. */
    private static final String ADDED = """
            ALTER TABLE Track ADD COLUMN Plays INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE Track ADD COLUMN Tags TEXT NOT NULL DEFAULT '[]';
            UPDATE Track SET Plays = TrackId % 7, Tags = '["long"]' WHERE Milliseconds > 1000000;
            """;

    private static final String WRITES_TO_ORIGINAL = """
            UPDATE Track SET Plays = Plays + 3, Tags = '["rock"]' WHERE TrackId = 4;
            UPDATE Track SET Tags = '["long", "pilot"]' WHERE TrackId = 2819;
            BEGIN;
            UPDATE Track SET Name = 'For Those About To Rock (Live)' WHERE TrackId = 1;
            UPDATE Track SET UnitPrice = 1.29 WHERE TrackId = 2;
            UPDATE Track SET UnitPrice = UnitPrice + 0.30 WHERE AlbumId = 1;
            UPDATE Track SET Composer = NULL, Bytes = NULL WHERE TrackId = 3;
            UPDATE Invoice SET InvoiceDate = '2026-03-01 12:34:56' WHERE InvoiceId = 1;
            UPDATE InvoiceLine SET Quantity = Quantity + 1 WHERE InvoiceLineId = 3;
            INSERT INTO Artist VALUES (1001, 'Ana y los Brazos ☃ 8''0"');
            INSERT INTO Album VALUES (1001, '', 1001);
            INSERT INTO Track VALUES (10001, 'Delta', 1001, 1, NULL, NULL, 9223372036854775807, -1, 0.1, 1, '["new"]');
            INSERT INTO PlaylistTrack VALUES (18, 1);
            INSERT INTO Genre VALUES (100, 'Field recording');
            COMMIT;
            DELETE FROM PlaylistTrack WHERE PlaylistId = 16 AND TrackId = 52;
            DELETE FROM PlaylistTrack WHERE PlaylistId = 9 AND TrackId = 3402;
            DELETE FROM InvoiceLine WHERE InvoiceLineId IN (1, 2);
            DELETE FROM Artist WHERE ArtistId = 25;
            UPDATE PlaylistTrack SET TrackId = 2 WHERE PlaylistId = 18 AND TrackId = 597;
            """;

    private static final String WRITES_TO_EMPTY = """
            UPDATE Track SET Plays = Plays + 4, Tags = '["live", "rock"]' WHERE TrackId = 4;
            UPDATE Track SET Tags = '[]' WHERE TrackId = 2819;
            UPDATE Track SET Name = 'For Those About To Roll' WHERE TrackId = 1;
            UPDATE Track SET UnitPrice = 1.49, Milliseconds = 342563 WHERE TrackId = 2;
            UPDATE Invoice SET Total = 7.77, BillingState = NULL WHERE InvoiceId = 1;
            UPDATE InvoiceLine SET Quantity = 3 WHERE InvoiceLineId = 1;
            UPDATE InvoiceLine SET Quantity = Quantity + 2 WHERE InvoiceLineId = 3;
            UPDATE Artist SET Name = 'Milton Nascimento and Bebeto' WHERE ArtistId = 25;
            DELETE FROM InvoiceLine WHERE InvoiceLineId = 2;
            DELETE FROM PlaylistTrack WHERE PlaylistId = 9 AND TrackId = 3402;
            INSERT INTO Playlist VALUES (100, NULL);
            INSERT INTO PlaylistTrack SELECT 100, TrackId FROM Track WHERE TrackId <= 5;
            INSERT INTO Genre VALUES (100, 'Chamber');
            """;

    private static final String WRITES_TO_MISSING = """
            UPDATE Track SET Plays = 1 WHERE TrackId = 4;
            UPDATE Track SET Composer = 'F. Baltes' WHERE TrackId = 3;
            UPDATE InvoiceLine SET Quantity = Quantity - 7 WHERE InvoiceLineId = 3;
            UPDATE Customer SET Company = NULL, Email = 'luis@example.org' WHERE CustomerId = 1;
            UPDATE Employee SET HireDate = '2003-10-17 00:00:00.250', ReportsTo = NULL WHERE EmployeeId = 8;
            INSERT INTO Employee (EmployeeId, LastName, FirstName) VALUES (9, 'Ünal', 'Zoë');
            INSERT INTO PlaylistTrack VALUES (18, 1);
            INSERT INTO Invoice (InvoiceId, CustomerId, InvoiceDate, Total) VALUES (1000, 1, '2026-01-01 00:00:00', 1.98);
            INSERT INTO InvoiceLine VALUES (9001, 1000, 1, 0.99, 1), (9002, 1000, 2, 0.99, 1);
            INSERT OR REPLACE INTO Genre VALUES (1, 'Rock and more');
            BEGIN;
            DELETE FROM PlaylistTrack WHERE PlaylistId = 16 AND TrackId = 2003;
            INSERT INTO PlaylistTrack VALUES (16, 2003);
            COMMIT;
            BEGIN;
            DELETE FROM Track;
            ROLLBACK;
            DELETE FROM PlaylistTrack WHERE PlaylistId = 17;
            DELETE FROM PlaylistTrack WHERE PlaylistId = 9 AND TrackId = 3402;
            """;

    @TempDir
    Path folder;

    private RelayServer relay;

    @BeforeEach
    void copyChinookAndStartARelay() throws IOException {
        String chinook = System.getenv("ANABRANCH_CHINOOK");
        if (chinook == null || chinook.isEmpty()) {
            skip("ANABRANCH_CHINOOK does not name a copy of the Chinook database");
        } else if (!SqliteShell.isInstalled()) {
            skip("there is no program sqlite3");
        }
        Files.copy(Path.of(String.valueOf(chinook)), file("original"));
        SqliteShell.run(file("original"), ADDED);
        Files.createFile(file("empty"));
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
    }

    private static void skip(String reason) {
        if ("1".equals(System.getenv("ANABRANCH_NO_SKIP"))) {
            fail("may not be skipped, but " + reason);
        }
        // Maven's console counts what was skipped but does not say why.
        System.out.println("ChinookTest is skipped: " + reason);
        abort("skipped: " + reason);
    }

    @AfterEach
    void stopTheRelay() {
        if (relay != null) {
            relay.close();
        }
    }

    @Test
    void threeReplicasThatTheSqliteShellWroteToHoldTheSame() {
        List<String> shipped = dump("original");
        assertThat(shipped).hasSize(ROWS);
        enrol();
        syncAll();
        assertThat(dump("original")).as("enrolling leaves the rows alone").isEqualTo(shipped);
        assertAllHoldTheSame();

        SqliteShell.run(file("original"), WRITES_TO_ORIGINAL);
        SqliteShell.run(file("empty"), WRITES_TO_EMPTY);
        SqliteShell.run(file("missing"), WRITES_TO_MISSING);
        syncAll();

        assertAllHoldTheSame();
        assertThat(dump("missing")).hasSize(ROWS + ROWS_GAINED);
        assertMerged("missing");
    }

    /** A few hundred statements that meet in the same rows: a seed names them. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void threeReplicasThatWriteAtRandomHoldTheSameAndVerify(long seed) {
        Random random = new Random(seed);
        enrol();
        syncAll();
        for (int round = 0; round < 3; round++) {
            for (String name : REPLICAS) {
                ChinookWrites writes =
                        new ChinookWrites(random, 100_000 * (1 + REPLICAS.indexOf(name)) + 1_000 * round);
                SqliteShell.run(file(name), writes.script(40));
                Command.good("sync", file(name), relay.url()); // Others may have written the same rows already.
            }
        }
        syncAll();

        assertAllHoldTheSame();
        for (String name : REPLICAS) {
            assertThat(Command.good("verify", file(name)).out()).as(name).startsWith("sound");
        }
    }

    private void enrol() {
        Command.Result init = Command.good(
                "init",
                file("original"),
                "--space",
                "chinook",
                "--all-tables",
                "--rule",
                "InvoiceLine.Quantity=counter",
                "--rule",
                "Track.Plays=counter",
                "--rule",
                "Track.Tags=set");
        assertThat(init.err().lines().filter(line -> line.contains("integer key")))
                .as("the warning about each table whose key is an integer: all but PlaylistTrack")
                .hasSize(10);
        assertThat(init.err().lines()).hasSize(10).allMatch(line -> line.startsWith("warning: table "));
        assertThat(init.out()).contains("enrolled PlaylistTrack with 8715 rows", "turned WAL on");
        for (String name : List.of("empty", "missing")) {
            Command.good("init", file(name), "--space", "chinook");
        }
    }

    private void syncAll() {
        // Up to the relay, then down from it.
        for (int round = 0; round < 2; round++) {
            for (String name : REPLICAS) {
                assertThat(Command.good("sync", file(name), relay.url()).out()).startsWith("settled");
            }
        }
        for (String name : REPLICAS) {
            assertThat(Command.good("sync", file(name), relay.url()).out())
                    .endsWith("sent 0 change sets, received 0 change sets\n");
            assertThat(Command.good("status", file(name), "--json")
                            .json()
                            .path("pending")
                            .asLong(-1))
                    .isZero();
        }
    }

    private void assertAllHoldTheSame() {
        List<String> rows = dump("original");
        String digests = Command.good("digest", file("original")).out();
        assertThat(digests.lines()).as("eleven tables and the total").hasSize(12);
        for (String name : REPLICAS) {
            assertThat(dump(name)).as(name).isEqualTo(rows);
            assertThat(Command.good("digest", file(name)).out()).as(name).isEqualTo(digests);
            assertThat(SqliteShell.run(file(name), "PRAGMA integrity_check; PRAGMA foreign_key_check;"))
                    .as(name)
                    .containsExactly("ok");
        }
    }

    private void assertMerged(String name) {
        assertThat(query(name, "SELECT Name FROM Track WHERE TrackId = 1"))
                .isSubsetOf("For Those About To Rock (Live)", "For Those About To Roll");
        assertThat(query(name, "SELECT UnitPrice = 0.99 + 0.30 FROM Track WHERE TrackId = 1"))
                .containsExactly("1");
        assertThat(query(name, "SELECT Milliseconds FROM Track WHERE TrackId = 2"))
                .containsExactly("342563");
        assertThat(query(name, "SELECT quote(Bytes) FROM Track WHERE TrackId = 3"))
                .containsExactly("NULL");
        assertThat(query(name, "SELECT InvoiceDate, Total FROM Invoice WHERE InvoiceId = 1"))
                .as("two columns of one row, each from another replica")
                .containsExactly("2026-03-01 12:34:56|7.77");
        assertThat(query(name, "SELECT InvoiceLineId, Quantity FROM InvoiceLine WHERE InvoiceLineId <= 3"))
                .as("edited against deleted, deleted twice, counted on three")
                .containsExactly("1|3", "3|-3");
        assertThat(query(name, "SELECT Name FROM Artist WHERE ArtistId IN (25, 1001)"))
                .containsExactly("Milton Nascimento and Bebeto", "Ana y los Brazos ☃ 8'0\"");
        assertThat(query(name, "SELECT Milliseconds, UnitPrice, typeof(UnitPrice) FROM Track WHERE TrackId = 10001"))
                .containsExactly("9223372036854775807|0.1|real");
        assertThat(query(name, "SELECT TrackId FROM PlaylistTrack WHERE PlaylistId IN (9, 17, 18) ORDER BY TrackId"))
                .containsExactly("1", "2");
        assertThat(query(name, "SELECT count(*) FROM PlaylistTrack WHERE PlaylistId = 16 AND TrackId IN (52, 2003)"))
                .containsExactly("1");
        assertThat(query(name, "SELECT Plays, Tags FROM Track WHERE TrackId IN (4, 2819, 10001) ORDER BY TrackId"))
                .as("played on three, tagged on two")
                .containsExactly("8|[\"live\",\"rock\"]", "5|[\"pilot\"]", "1|[\"new\"]");
        assertThat(query(name, "SELECT Name FROM Genre WHERE GenreId = 1")).containsExactly("Rock and more");
    }

    /** Returns every row of every table as SQL literals, tables by name and rows by primary key. */
    private List<String> dump(String name) {
        StringBuilder selects = new StringBuilder();
        for (String table : query(name, TABLES)) {
            List<String> columns = query(name, "SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid;");
            List<String> key =
                    query(name, "SELECT name FROM pragma_table_info('" + table + "') WHERE pk > 0 ORDER BY pk;");
            selects.append("SELECT '").append(table).append("' || ' ' || ");
            selects.append(columns.stream()
                    .map(column -> "quote(\"" + column + "\")")
                    .collect(Collectors.joining(" || ', ' || ")));
            selects.append(" FROM \"").append(table).append("\" ORDER BY ");
            selects.append(String.join(", ", key)).append(";\n");
        }
        return new ArrayList<>(query(name, selects.toString()));
    }

    private List<String> query(String name, String sql) {
        return SqliteShell.run(file(name), sql.endsWith("\n") || sql.endsWith(";") ? sql : sql + ";");
    }

    private Path file(String name) {
        return folder.resolve(name + ".db");
    }
}
