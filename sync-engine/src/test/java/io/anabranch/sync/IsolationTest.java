// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other programs, locks, full disks and the application's own mistakes: each is said, and nothing is half done. */
class IsolationTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    /** The connections that the engine opened to {@link #tight}. */
    private final List<SqlDatabase> connections = new ArrayList<>();

    private ReplicaFile tight;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, body)");
        a.enrol("item", TableRules.defaults());
        tight = ReplicaFile.open(
                folder.resolve("tight.db"),
                "shop",
                impatient(),
                new Place(folder.resolve("state")),
                world::now,
                world.random);
        tight.accept(a.changeSets());
    }

    @AfterEach
    void close() {
        tight.close();
        world.close();
    }

    /** A driver that does not wait for locks. */
    private SqlDriver impatient() {
        return new SqlDriver() {
            @Override
            public SqlDatabase open(Path file, int busyTimeoutMillis) {
                SqlDatabase db = new JdbcDriver().open(file, 1);
                connections.add(db);
                return db;
            }

            @Override
            public SqlDatabase openInMemory() {
                return new JdbcDriver().openInMemory();
            }
        };
    }

    private long count(String sql) {
        return connections.get(0).queryLong(sql);
    }

    @Test
    void aLockHeldByAnotherProgramIsSaidAndLaterAllGoesOn() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup')");
        a.seal();
        try (SqlDatabase other = new JdbcDriver().open(folder.resolve("tight.db"), 0)) {
            other.execute("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> tight.accept(a.changeSets()))
                    .isInstanceOf(SyncException.Locked.class)
                    .hasMessageContaining("end that program's transaction and try again")
                    .hasMessageContaining(listsLocks() ? ", this process, on another connection;" : "");
            assertThatThrownBy(() -> tight.transaction(db -> {})).isInstanceOf(SyncException.Locked.class);
            other.execute("ROLLBACK");
        }
        tight.accept(a.changeSets());
        assertThat(tight.heads()).isEqualTo(a.file().heads());
    }

    /** Returns whether this operating system tells who holds which lock: Linux does, unless it was told not to. */
    private static boolean listsLocks() {
        try {
            Path self = Path.of("/proc/self").toRealPath().getFileName();
            return Files.readString(Path.of("/proc/locks")).contains(" WRITE " + self + " ");
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aFullDiskIsSaidAndNothingIsHalfDone() {
        connections.get(0).execute("PRAGMA max_page_count = " + (count("PRAGMA page_count") + 5));
        a.sql("INSERT INTO item VALUES ('cup', 'Cup'), ('big', zeroblob(1000000))");
        a.seal();
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> tight.accept(a.changeSets()))
                    .isInstanceOf(SyncException.CannotWrite.class)
                    .hasMessageContaining("the disk is full");
            assertThat(count("SELECT count(*) FROM item")).isZero();
            assertThat(count("SELECT count(*) FROM _ab_hidden")).isZero();
            assertThat(count("SELECT mode FROM _ab_mode")).isZero();
            assertThat(count("SELECT count(*) FROM _ab_log")).isEqualTo(1);
        }
        connections.get(0).execute("PRAGMA max_page_count = 100000");
        tight.accept(a.changeSets());
        assertThat(tight.heads()).isEqualTo(a.file().heads());
        assertThat(tight.reports().digests()).isEqualTo(a.file().reports().digests());
    }

    @Test
    void aDiskTooFullToMakeATableDoesNotLoseTheTable() {
        connections.get(0).execute("PRAGMA max_page_count = " + count("PRAGMA page_count"));
        a.sql("CREATE TABLE other(id TEXT PRIMARY KEY, body)");
        a.enrol("other", TableRules.defaults());
        assertThatThrownBy(() -> tight.accept(a.changeSets())).isInstanceOf(SyncException.CannotWrite.class);

        connections.get(0).execute("PRAGMA max_page_count = 100000");
        tight.accept(a.changeSets());
        assertThat(count("SELECT count(*) FROM _ab_table WHERE local IS NOT NULL"))
                .isEqualTo(2);
    }

    @Test
    void aFileThatMayNotBeWrittenIsSaid() {
        connections.get(0).execute("PRAGMA query_only = ON");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup')");
        a.seal();

        assertThatThrownBy(() -> tight.accept(a.changeSets()))
                .isInstanceOf(SyncException.CannotWrite.class)
                .hasMessageContaining("read-only");
        connections.get(0).execute("PRAGMA query_only = OFF");
        tight.accept(a.changeSets());
        assertThat(tight.heads()).isEqualTo(a.file().heads());
    }

    // ---- The application's transactions

    private void transaction(SqlWork work) {
        a.file().transaction(db -> SqlSession.run(db, work));
    }

    @Test
    void aStatementThatFailsAndIsCaughtLeavesTheRest() {
        transaction(session -> {
            session.execute("INSERT INTO item VALUES ('cup', 'Cup')");
            assertThatThrownBy(() -> session.execute("INSERT INTO item VALUES ('cup', 'again')"))
                    .isInstanceOf(SyncException.BadSql.class);
            session.execute("INSERT INTO item VALUES ('pot', 'Pot')");
        });

        assertThat(a.rows("item")).containsExactly("cup|Cup", "pot|Pot");
        assertThat(a.ownSeq()).isEqualTo(1);
    }

    @Test
    void aTransactionThatAConflictClauseRolledBackDoesNotGoOnOutsideIt() {
        a.sql("CREATE TABLE strict_one(id TEXT UNIQUE ON CONFLICT ROLLBACK)");
        assertThatThrownBy(() -> transaction(session -> {
                    session.execute("INSERT INTO item VALUES ('cup', 'Cup')");
                    session.execute("INSERT INTO strict_one VALUES ('x')");
                    assertThatThrownBy(() -> session.execute("INSERT INTO strict_one VALUES ('x')"))
                            .isInstanceOf(SyncException.BadSql.class);
                    session.execute("INSERT INTO item VALUES ('pot', 'Pot')");
                }))
                .isInstanceOf(SyncException.BadSql.class);

        assertThat(a.rows("item")).isEmpty();
        assertThat(a.file().unsealed()).isZero();
        transaction(session -> session.execute("INSERT INTO item VALUES ('pot', 'Pot')"));
        assertThat(a.rows("item")).containsExactly("pot|Pot");
    }

    @Test
    void aTransactionCannotBeEndedFromWithin() {
        for (String statement : List.of("COMMIT", "END TRANSACTION", " rollback", "-- done\nCOMMIT", "BEGIN")) {
            assertThatThrownBy(() -> transaction(session -> {
                        session.execute("INSERT INTO item VALUES ('cup', 'Cup')");
                        session.execute(statement);
                    }))
                    .as(statement)
                    .isInstanceOf(SyncException.BadSql.class);
            assertThat(a.rows("item")).as(statement).isEmpty();
        }
        transaction(session -> {
            session.execute("SAVEPOINT s");
            session.execute("INSERT INTO item VALUES ('cup', 'Cup')");
            session.execute("ROLLBACK TO s");
            session.execute("INSERT INTO item VALUES ('pot', 'Pot')");
            session.execute("RELEASE s");
        });
        assertThat(a.rows("item")).containsExactly("pot|Pot");
    }

    @Test
    void aTemporaryTableMayNotHideOneOfTheReplica() {
        for (String name : List.of("Item", "_ab_pending")) {
            assertThatThrownBy(() -> transaction(session -> {
                        session.execute("CREATE TEMP TABLE " + name + "(id)");
                        session.execute("INSERT INTO main.item VALUES ('cup', 'Cup')");
                    }))
                    .isInstanceOf(SyncException.BadSql.class)
                    .hasMessageContaining("cannot make a temporary " + name);
        }
        transaction(session -> {
            session.execute("CREATE TEMP TABLE other(id)");
            session.execute("INSERT INTO item VALUES ('pot', 'Pot')");
        });

        assertThat(a.rows("item")).containsExactly("pot|Pot");
        assertThat(a.file().unsealed()).isZero();
    }

    @Test
    void anArgumentLeftOutIsNotTheOneOfTheLastCall() {
        transaction(session -> session.execute("INSERT INTO item VALUES (?, ?)", "cup", "Cup"));

        assertThatThrownBy(() -> transaction(session -> session.execute("INSERT INTO item VALUES (?, ?)", "pot")))
                .isInstanceOf(SyncException.BadSql.class);
        assertThat(a.rows("item")).containsExactly("cup|Cup");
    }

    @Test
    void whatOtherProgramsRollBackWasNeverThere() {
        a.sql("BEGIN");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup')");
        a.sql("ROLLBACK");
        a.seal();

        assertThat(a.ownSeq()).isZero();
        assertThatThrownBy(() -> a.sql("INSERT OR ROLLBACK INTO item VALUES (NULL, 1)"))
                .isInstanceOf(SqlException.class);
        assertThat(a.file().unsealed()).isZero();
    }
}
