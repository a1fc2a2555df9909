// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An application's own plain JDBC connection, as an ORM uses it, beside an open replica: everything works as without, and
 * everything it commits replicates.
 */
class BesideTheApplicationTest {
    @TempDir
    Path folder;

    private Replica replica;
    private Connection own;

    @BeforeEach
    void open() throws SQLException {
        replica = Replica.create(folder.resolve("shop.db"), "shop");
        own = connect(folder.resolve("shop.db"));
        run("PRAGMA foreign_keys = ON");
        run("CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL)");
        run("CREATE TABLE purchase(id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer(id)"
                + " ON DELETE CASCADE, total INTEGER)");
        replica.enrol("customer", TableRules.defaults());
        replica.enrol("purchase", TableRules.defaults().counter("total"));
    }

    @AfterEach
    void close() throws SQLException {
        own.close();
        replica.close();
    }

    private static Connection connect(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = own.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Seals what the application committed, and returns it, oldest first. */
    private List<String> sealed() {
        replica.transaction(sql -> {});
        List<String> sealed = new ArrayList<>();
        for (LogEntry entry : replica.log(null)) {
            if (entry.origin().equals(replica.origin())) {
                entry.changes().forEach(change -> sealed.add(change.kind() + " " + change.table() + change.key()));
            }
        }
        return sealed;
    }

    @Test
    void preparedStatementsStayUsableThroughWritesOfTheReplica() throws SQLException {
        try (PreparedStatement insert = own.prepareStatement("INSERT INTO customer VALUES (?, ?)");
                PreparedStatement count = own.prepareStatement("SELECT count(*) FROM customer")) {
            for (int i = 1; i <= 3; i++) {
                insert.setInt(1, i);
                insert.setString(2, "customer " + i);
                assertThat(insert.executeUpdate()).isEqualTo(1);
                replica.execute("INSERT INTO customer VALUES (?, ?)", 100 + i, "by the replica");
                try (ResultSet rows = count.executeQuery()) {
                    assertThat(rows.getInt(1)).isEqualTo(2 * i);
                }
            }
        }
        assertThat(sealed()).hasSize(6);
    }

    @Test
    void foreignKeysHoldAndCascadesReplicate() throws SQLException {
        assertThatThrownBy(() -> run("INSERT INTO purchase VALUES (1, 9, 5)")).hasMessageContaining("FOREIGN KEY");
        run("INSERT INTO customer VALUES (1, 'Ann')");
        run("INSERT INTO purchase VALUES (1, 1, 5)");
        assertThat(sealed()).containsExactly("insert customer[1]", "insert purchase[1]");

        run("DELETE FROM customer");

        assertThat(sealed()).contains("delete customer[1]", "delete purchase[1]");
    }

    @Test
    void batchesAndGeneratedKeysAreWhatTheyWere() throws SQLException {
        own.setAutoCommit(false);
        try (PreparedStatement insert =
                own.prepareStatement("INSERT INTO customer(name) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
            for (String name : List.of("Ann", "Bob", "Cyn")) {
                insert.setString(1, name);
                insert.addBatch();
            }
            assertThat(insert.executeBatch()).containsExactly(1, 1, 1);
            insert.setString(1, "Dan");
            assertThat(insert.executeUpdate()).isEqualTo(1);
            try (ResultSet keys = insert.getGeneratedKeys()) {
                assertThat(keys.next()).isTrue();
                assertThat(keys.getLong(1)).isEqualTo(4); // Not that of a row which a trigger inserted.
            }
        }
        own.commit();
        own.setAutoCommit(true);

        assertThat(sealed()).hasSize(4);
    }

    @Test
    void whatItRollsBackWasNeverThere() throws SQLException {
        own.setAutoCommit(false);
        run("INSERT INTO customer VALUES (1, 'Ann')");
        Savepoint savepoint = own.setSavepoint();
        run("INSERT INTO customer VALUES (2, 'Bob')");
        own.rollback(savepoint);
        own.commit();
        run("INSERT INTO customer VALUES (3, 'Cyn')");
        own.rollback();
        own.setAutoCommit(true);

        assertThat(sealed()).containsExactly("insert customer[1]");
    }

    @Test
    void upsertReturningAndReplaceKeepTheirMeaning() throws SQLException {
        run("INSERT INTO customer VALUES (1, 'Ann')");
        try (Statement statement = own.createStatement();
                ResultSet rows = statement.executeQuery("INSERT INTO customer VALUES (1, 'Anna')"
                        + " ON CONFLICT(id) DO UPDATE SET name = excluded.name RETURNING name")) {
            assertThat(rows.getString(1)).isEqualTo("Anna");
        }
        run("INSERT OR IGNORE INTO customer VALUES (1, 'Nobody')");
        run("INSERT OR REPLACE INTO customer VALUES (1, 'Anne')");

        assertThat(sealed()).containsExactly("insert customer[1]");
        assertThat(replica.query("SELECT name FROM customer")).containsExactly(Map.of("name", "Anne"));
    }

    @Test
    void writesFromADatabaseThatAttachesTheFileReplicate() throws SQLException {
        try (Connection main = connect(folder.resolve("main.db"));
                Statement statement = main.createStatement()) {
            statement.execute("CREATE TABLE local(id INTEGER PRIMARY KEY, name TEXT)");
            statement.execute("INSERT INTO local VALUES (5, 'Eve')");
            statement.execute("ATTACH '" + folder.resolve("shop.db") + "' AS shop");
            statement.execute("INSERT INTO shop.customer SELECT * FROM local");
            statement.execute("UPDATE shop.customer SET name = 'Eva'");
        }

        assertThat(sealed()).containsExactly("insert customer[5]");
        assertThat(replica.query("SELECT name FROM customer")).containsExactly(Map.of("name", "Eva"));
    }

    @Test
    void aFileThatWasPutBackToARollbackJournalWorksAsWell() throws SQLException {
        Path file = folder.resolve("shop.db");
        run("INSERT INTO customer VALUES (1, 'Ann')");
        own.close();
        replica.close();
        own = connect(file);
        try (Statement statement = own.createStatement();
                ResultSet mode = statement.executeQuery("PRAGMA journal_mode = DELETE")) {
            assertThat(mode.getString(1)).isEqualTo("delete");
        }
        replica = Replica.open(file);

        run("INSERT INTO customer VALUES (2, 'Bob')");
        replica.execute("INSERT INTO customer VALUES (3, 'Cyn')");

        assertThat(sealed()).containsExactly("insert customer[1]", "insert customer[2]", "insert customer[3]");
    }

    @Test
    void aFileOfUtf16IsRefusedAndLeftAsItIs() throws SQLException, IOException {
        Path file = folder.resolve("wide.db");
        try (Connection wide = connect(file);
                Statement statement = wide.createStatement()) {
            statement.execute("PRAGMA encoding = 'UTF-16'");
            statement.execute("CREATE TABLE customer(id TEXT PRIMARY KEY)");
        }
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(() -> Replica.create(file, "shop"))
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContainingAll("its text is UTF-16", ".dump");
        assertThat(file).hasBinaryContent(before);
    }
}
