// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.Lent;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GroupCommitTest {
    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger commits = new AtomicInteger();
    private Counting database;
    private GroupCommit group;

    @BeforeEach
    void open() {
        database = new Counting(new JdbcDriver().open(folder.resolve("a.db"), 1_000));
        database.execute("CREATE TABLE t(a)");
        group = new GroupCommit(database);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        database.close();
    }

    @Test
    void whoComesWhileOneIsUnderWayIsWrittenTogether() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Future<Boolean> first = threads.submit(() -> insert(0, begun, goOn));
        begun.await();
        List<Future<Boolean>> others = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            int value = i;
            others.add(threads.submit(() -> insert(value)));
        }
        awaitWaiting(20);
        goOn.countDown();

        assertThat(first.get()).isTrue();
        for (Future<Boolean> other : others) {
            assertThat(other.get()).isTrue();
        }
        assertThat(database.queryLong("SELECT count(*) FROM t")).isEqualTo(21);
        assertThat(commits).hasValue(2);
    }

    @Test
    void oneThatFailsAndOneThatIsRefusedLeaveTheOthersAlone() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        threads.submit(() -> insert(0, begun, goOn));
        begun.await();
        Future<?> failing = threads.submit(() -> group.write(
                db -> {
                    db.execute("INSERT INTO t VALUES (100)");
                    throw new IllegalStateException("on purpose");
                },
                result -> true));
        Future<String> refused = threads.submit(() -> group.write(
                db -> {
                    db.execute("INSERT INTO t VALUES (200)");
                    return "no";
                },
                result -> false));
        Future<Boolean> good = threads.submit(() -> insert(1));
        awaitWaiting(3);
        goOn.countDown();

        assertThat(good.get()).isTrue();
        assertThat(refused.get()).isEqualTo("no");
        assertThatThrownBy(failing::get).hasRootCauseMessage("on purpose");
        assertThat(database.queryLong("SELECT sum(a) FROM t")).isEqualTo(1);
    }

    @Test
    void aTransactionThatCannotEndFailsForAll() throws Exception {
        database.failing = true;

        assertThatThrownBy(() -> insert(1)).hasMessage("the disk is full");
        database.failing = false;
        assertThat(insert(2)).isTrue();
        assertThat(database.queryLong("SELECT sum(a) FROM t")).isEqualTo(2);
    }

    /** SQLite ends the whole transaction then, and those that shared it heard of a savepoint that is none. */
    @Test
    void whoeverSharesATransactionWithOneThatFillsTheDiskHearsThatItIsFull() throws Exception {
        database.queryLong("PRAGMA max_page_count = 20");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Future<Boolean> first = threads.submit(() -> insert(0, begun, goOn));
        begun.await();
        Future<Boolean> before = threads.submit(() -> insert(1));
        awaitWaiting(1);
        Future<Boolean> filling = threads.submit(() -> group.write(
                db -> {
                    db.execute("INSERT INTO t VALUES (zeroblob(1000000))");
                    return true;
                },
                result -> true));
        awaitWaiting(2);
        Future<Boolean> after = threads.submit(() -> insert(2));
        awaitWaiting(3);
        goOn.countDown();

        assertThat(first.get()).isTrue();
        for (Future<Boolean> each : List.of(before, filling, after)) {
            assertThatThrownBy(each::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            SqlException.class, e -> assertThat(e.kind()).isEqualTo(SqlException.Kind.FULL));
        }
        assertThat(insert(3)).isTrue();
        assertThat(database.queryLong("SELECT sum(a) FROM t")).isEqualTo(3);
    }

    private void awaitWaiting(int count) {
        while (group.waiting() < count) {
            Thread.onSpinWait();
        }
    }

    private boolean insert(int value) {
        return group.write(
                db -> {
                    db.execute("INSERT INTO t VALUES (" + value + ")");
                    return true;
                },
                result -> true);
    }

    private boolean insert(int value, CountDownLatch begun, CountDownLatch goOn) {
        return group.write(
                db -> {
                    begun.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    db.execute("INSERT INTO t VALUES (" + value + ")");
                    return true;
                },
                result -> true);
    }

    /** Counts commits, and fails them if told. */
    private final class Counting implements SqlDatabase {
        private final SqlDatabase inner;
        private volatile boolean failing;

        Counting(SqlDatabase inner) {
            this.inner = inner;
        }

        @Override
        public SqlStatement prepare(String sql) {
            return inner.prepare(sql);
        }

        @Override
        public void execute(String sql) {
            if (sql.equals("COMMIT")) {
                if (failing) {
                    throw new IllegalStateException("the disk is full");
                }
                commits.incrementAndGet();
            }
            inner.execute(sql);
        }

        @Override
        public void resetAll() {
            inner.resetAll();
        }

        @Override
        public <T> Lent<T> lend(Class<T> type) {
            return inner.lend(type);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
