// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.LogChange;
import io.anabranch.sync.LogEntry;
import io.anabranch.sync.Replica;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.TableRules;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

/** A transaction over JDBC is one change set, with exactly what was written in it. */
class JdbcTransactionsTest {
    @TempDir
    Path folder;

    private Replica replica;
    private JdbcTransactions transactions;

    @BeforeEach
    void open() {
        replica = Replica.create(folder.resolve("notes.db"), "notes");
        replica.execute("CREATE TABLE note(id INTEGER PRIMARY KEY, title TEXT, likes INTEGER)");
        replica.execute("CREATE TABLE tag(name TEXT PRIMARY KEY, note INTEGER REFERENCES note(id))");
        replica.enrol("note", TableRules.defaults().counter("likes"));
        replica.enrol("tag", TableRules.defaults());
        transactions = JdbcTransactions.of(replica);
    }

    @AfterEach
    void close() {
        replica.close();
    }

    /** Returns what each change set written here does, its operations joined. */
    private List<String> written() {
        List<String> written = new ArrayList<>();
        for (LogEntry entry : replica.log(null)) {
            if (entry.origin().equals(replica.origin())) {
                written.add(entry.changes().stream().map(this::text).collect(Collectors.joining(", ")));
            }
        }
        return written;
    }

    private String text(LogChange change) {
        return change.kind() + " " + change.table() + change.key();
    }

    private static void write(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private Connection foreign() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("notes.db"));
    }

    @Test
    void whatIsWrittenInOneIsOneChangeSet() throws SQLException {
        transactions.run(connection -> {
            write(connection, "INSERT INTO note VALUES (1, 'Milk', 0)");
            try (PreparedStatement tag = connection.prepareStatement("INSERT INTO tag VALUES (?, ?)")) {
                tag.setString(1, "shop");
                tag.setInt(2, 1);
                tag.executeUpdate();
            }
        });

        assertThat(written()).containsExactly("insert note[1], insert tag[shop]");
    }

    @Test
    void itReturnsWhatTheWorkDoes() throws SQLException {
        long count = transactions.call(connection -> {
            write(connection, "INSERT INTO note VALUES (1, 'Milk', 0)");
            try (Statement query = connection.createStatement();
                    ResultSet rows = query.executeQuery("SELECT count(*) FROM note")) {
                return rows.getLong(1);
            }
        });

        assertThat(count).isEqualTo(1);
    }

    @Test
    void throwingRollsBackAndIsThrownOn() {
        SQLException mine = new SQLException("I changed my mind");

        assertThatThrownBy(() -> transactions.run(connection -> {
                    write(connection, "INSERT INTO note VALUES (1, 'Milk', 0)");
                    throw mine;
                }))
                .isSameAs(mine);
        assertThatThrownBy(() -> transactions.run(connection -> {
                    write(connection, "INSERT INTO note VALUES (2, 'Milk', 0)");
                    throw new IllegalStateException("and so did I");
                }))
                .hasMessage("and so did I");

        assertThat(replica.query("SELECT * FROM note")).isEmpty();
        assertThat(written()).isEmpty();
    }

    @Test
    void aStatementThatFailsMayBeCaughtAndTheRestCounts() throws SQLException {
        transactions.run(connection -> {
            write(connection, "INSERT INTO note VALUES (1, 'Milk', 0)");
            assertThatThrownBy(() -> write(connection, "INSERT INTO note VALUES (1, 'Bread', 0)"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("UNIQUE");
            write(connection, "INSERT INTO note VALUES (2, 'Bread', 0)");
        });

        assertThat(written()).containsExactly("insert note[1], insert note[2]");
    }

    @Test
    void aSavepointThatIsRolledBackLeavesNothing() throws SQLException {
        transactions.run(connection -> {
            write(connection, "INSERT INTO note VALUES (1, 'Milk', 0)");
            Savepoint before = connection.setSavepoint();
            write(connection, "UPDATE note SET likes = 5");
            write(connection, "INSERT INTO note VALUES (2, 'Bread', 0)");
            connection.rollback(before);
            Savepoint kept = connection.setSavepoint("kept");
            write(connection, "INSERT INTO note VALUES (3, 'Eggs', 0)");
            connection.releaseSavepoint(kept);
        });

        assertThat(written()).containsExactly("insert note[1], insert note[3]");
        assertThat(replica.query("SELECT likes FROM note WHERE id = 1")).containsExactly(Map.of("likes", 0L));
    }

    @Test
    void nothingButItsOwnerEndsTheTransaction() throws SQLException {
        transactions.run(connection -> {
            write(connection, "INSERT INTO note VALUES (1, 'Milk', 0)");
            assertRefused(connection::commit, "cannot do commit()");
            assertRefused(connection::rollback, "cannot do rollback()");
            assertRefused(connection::close, "cannot do close()");
            assertRefused(() -> connection.setAutoCommit(true), "setAutoCommit(true)");
            assertRefused(() -> connection.unwrap(SQLiteConnection.class), "unwrap(SQLiteConnection)");
            assertRefused(() -> connection.prepareStatement("COMMIT"), "COMMIT");
            try (Statement statement = connection.createStatement()) {
                assertRefused(() -> statement.execute("ROLLBACK"), "ROLLBACK");
                assertRefused(() -> statement.executeUpdate("DELETE FROM note; COMMIT"), "COMMIT");
                assertRefused(() -> statement.addBatch("END"), "END");
                assertRefused(() -> statement.getConnection().commit(), "cannot do commit()");
                assertRefused(() -> statement.unwrap(org.sqlite.SQLiteConnection.class), "unwrap");
            }
            connection.setAutoCommit(false); // It is off already, and that is what an ORM wants to hear.
            assertThat(connection.getAutoCommit()).isFalse();
            write(connection, "INSERT INTO note VALUES (2, 'Bread', 0)");
        });

        assertThat(written()).containsExactly("insert note[1], insert note[2]");
    }

    private static void assertRefused(SqlAction action, String what) {
        assertThatThrownBy(action::run)
                .isInstanceOf(SQLException.class)
                .hasMessageContainingAll(what, "return to commit, throw to roll back, or use savepoints");
    }

    private interface SqlAction {
        void run() throws SQLException;
    }

    @Test
    void theConnectionIsOfNoUseAfterwardsOrElsewhere() throws Exception {
        AtomicReference<Connection> kept = new AtomicReference<>();
        AtomicReference<PreparedStatement> statement = new AtomicReference<>();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            transactions.run(connection -> {
                kept.set(connection);
                statement.set(connection.prepareStatement("INSERT INTO note VALUES (1, 'Milk', 0)"));
                Callable<Statement> use = connection::createStatement;
                Future<Statement> elsewhere = other.submit(use);
                assertThatThrownBy(elsewhere::get).hasMessageContaining("belongs to thread");
            });
        } finally {
            other.shutdown();
        }

        assertThat(kept.get().isClosed()).isTrue();
        assertThatThrownBy(() -> kept.get().createStatement()).hasMessageContaining("is over");
        assertThatThrownBy(() -> statement.get().executeUpdate()).hasMessageContaining("is over");
        assertThat(replica.query("SELECT * FROM note")).isEmpty();
    }

    @Test
    void aTriggerThatRollsBackTheWholeTransactionCannotBeSwallowed() {
        replica.execute("CREATE TRIGGER strict BEFORE INSERT ON note WHEN NEW.title = ''"
                + " BEGIN SELECT RAISE(ROLLBACK, 'a note needs a title'); END");

        assertThatThrownBy(() -> transactions.run(connection -> {
                    write(connection, "INSERT INTO note VALUES (1, 'Milk', 0)");
                    assertThatThrownBy(() -> write(connection, "INSERT INTO note VALUES (2, '', 0)"))
                            .hasMessageContaining("a note needs a title");
                    assertThatThrownBy(() -> write(connection, "INSERT INTO note VALUES (3, 'Bread', 0)"))
                            .hasMessageContaining("is over");
                }))
                .isInstanceOf(SyncException.BadSql.class)
                .hasMessageContaining("nothing of it was kept");

        assertThat(replica.query("SELECT * FROM note")).isEmpty();
        replica.execute("INSERT INTO note VALUES (4, 'Eggs', 0)");
        assertThat(written()).containsExactly("insert note[4]");
    }

    @Test
    void batchesAndGeneratedKeysWork() throws SQLException {
        long id = transactions.call(connection -> {
            try (PreparedStatement batch =
                    connection.prepareStatement("INSERT INTO note(title, likes) VALUES (?, 0)")) {
                for (String title : List.of("Milk", "Bread")) {
                    batch.setString(1, title);
                    batch.addBatch();
                }
                assertThat(batch.executeBatch()).containsExactly(1, 1);
            }
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO note(title, likes) VALUES ('Eggs', 0)", Statement.RETURN_GENERATED_KEYS)) {
                insert.executeUpdate();
                try (ResultSet keys = insert.getGeneratedKeys()) {
                    return keys.next() ? keys.getLong(1) : -1;
                }
            }
        });

        assertThat(id).isEqualTo(3);
        assertThat(written()).containsExactly("insert note[1], insert note[2], insert note[3]");
    }

    @Test
    void foreignKeysAreEnforced() {
        assertThatThrownBy(
                        () -> transactions.run(connection -> write(connection, "INSERT INTO tag VALUES ('shop', 99)")))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("FOREIGN KEY");
    }

    @Test
    void aTransactionInsideAnotherIsASavepointOfIt() throws SQLException {
        transactions.run(outer -> {
            write(outer, "INSERT INTO note VALUES (1, 'Milk', 0)");
            transactions.run(inner -> write(inner, "INSERT INTO note VALUES (2, 'Bread', 0)"));
            assertThatThrownBy(() -> transactions.run(inner -> {
                        write(inner, "INSERT INTO note VALUES (3, 'Eggs', 0)");
                        throw new SQLException("not these");
                    }))
                    .hasMessage("not these");
            replica.execute("INSERT INTO note VALUES (4, 'Salt', 0)");
            write(outer, "UPDATE note SET likes = 1 WHERE id = 1");
        });

        assertThat(written()).containsExactly("insert note[1], insert note[2], insert note[4]");
    }

    @Test
    void whatNeedsTheLockItselfSaysSoAtOnce() throws SQLException {
        transactions.run(connection -> {
            assertThatThrownBy(() -> replica.enrol("note", TableRules.defaults()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot enrol inside a transaction");
            assertThatThrownBy(() -> replica.sync(java.net.URI.create("http://localhost:1")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot sync inside a transaction");
        });
    }

    @Test
    void whatAnotherProgramLeftUnsealedIsAnEarlierChangeSet() throws SQLException {
        try (Connection foreign = foreign()) {
            write(foreign, "INSERT INTO note VALUES (1, 'Milk', 0)");
        }
        transactions.run(connection -> write(connection, "INSERT INTO note VALUES (2, 'Bread', 0)"));

        assertThat(written()).containsExactly("insert note[1]", "insert note[2]");
    }

    @Test
    void manyThreadsWriteAtOnceAndEachTransactionIsWhole() throws Exception {
        transactions.run(connection -> write(connection, "INSERT INTO note VALUES (0, 'Counter', 0)"));
        int threads = 6;
        int each = 20;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Future<Void>> done = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int thread = t;
            // Every other one through a connection that knows nothing of Anabranch.
            Callable<Void> work = thread % 2 == 0 ? () -> writeInside(thread, each) : () -> writeForeign(thread, each);
            done.add(pool.submit(work));
        }
        for (Future<Void> each1 : done) {
            each1.get();
        }
        pool.shutdown();
        replica.execute("UPDATE note SET title = 'Done' WHERE id = 0");

        assertThat(replica.query("SELECT likes FROM note WHERE id = 0")).containsExactly(Map.of("likes", 120L));
        assertThat(replica.query("SELECT count(*) AS n FROM note")).containsExactly(Map.of("n", 121L));
        long inside = written().stream()
                .filter(w -> w.matches("edit note\\[0\\], insert note\\[\\d+\\]"))
                .count();
        assertThat(inside).isGreaterThanOrEqualTo(3L * each);
        assertThat(replica.status().rejected()).isZero();
    }

    private Void writeInside(int thread, int times) throws SQLException {
        for (int i = 0; i < times; i++) {
            int id = 1 + thread * 1000 + i;
            transactions.run(connection -> {
                write(connection, "UPDATE note SET likes = likes + 1 WHERE id = 0");
                write(connection, "INSERT INTO note VALUES (" + id + ", 'n', 0)");
            });
        }
        return null;
    }

    private Void writeForeign(int thread, int times) throws SQLException {
        try (Connection connection = foreign()) {
            write(connection, "PRAGMA busy_timeout = 20000");
            for (int i = 0; i < times; i++) {
                write(connection, "BEGIN IMMEDIATE");
                write(connection, "UPDATE note SET likes = likes + 1 WHERE id = 0");
                write(connection, "INSERT INTO note VALUES (" + (1 + thread * 1000 + i) + ", 'n', 0)");
                write(connection, "COMMIT");
            }
        }
        return null;
    }
}
