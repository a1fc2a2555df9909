// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Writes what many ask for in one transaction and one flush to disk: whoever comes while one is under way waits, and the first
 * of those who waited does the work of all of them. Each has a savepoint of its own, so one that fails leaves the others
 * alone. Thread-safe.
 */
final class GroupCommit {
    /** So that the first does not wait for ever longer while ever more come. */
    private static final int MOST_TOGETHER = 256;

    private final SqlDatabase database;
    private final ReentrantLock writing = new ReentrantLock();
    private final Queue<Turn<?>> waiting = new ConcurrentLinkedQueue<>();

    GroupCommit(SqlDatabase database) {
        this.database = database;
    }

    /**
     * Runs {@code work} in a transaction and returns once it is durable. If it throws, nothing of it stays.
     *
     * @param keep what {@code work} did stays only if this holds for its result
     */
    <T> T write(Function<SqlDatabase, T> work, Predicate<T> keep) {
        Turn<T> turn = new Turn<>(work, keep);
        waiting.add(turn);
        writing.lock();
        try {
            while (!turn.done) {
                writeTogether();
            }
        } finally {
            writing.unlock();
        }
        return turn.result();
    }

    private void writeTogether() {
        List<Turn<?>> turns = new ArrayList<>();
        for (Turn<?> next = waiting.poll(); next != null; next = waiting.poll()) {
            turns.add(next);
            if (turns.size() == MOST_TOGETHER) {
                break;
            }
        }
        try {
            database.execute("BEGIN IMMEDIATE");
            boolean any = false;
            for (Turn<?> turn : turns) {
                any |= turn.run(database);
            }
            database.execute(any ? "COMMIT" : "ROLLBACK");
        } catch (RuntimeException e) {
            rollBack();
            turns.forEach(turn -> turn.fail(e));
        } finally {
            turns.forEach(turn -> turn.done = true);
        }
    }

    private void rollBack() {
        try {
            database.execute("ROLLBACK");
        } catch (SqlException e) {
            // A full disk rolls back by itself, and a BEGIN that failed began nothing; what led here is what counts.
        }
    }

    /** Returns how many wait. */
    int waiting() {
        return waiting.size();
    }

    /** Waits for what is under way, does something, and lets nobody in meanwhile. */
    void alone(Runnable work) {
        writing.lock();
        try {
            work.run();
        } finally {
            writing.unlock();
        }
    }

    /** What one asked for. Guarded by the lock, but read by its owner after it. */
    private static final class Turn<T> {
        private final Function<SqlDatabase, T> work;
        private final Predicate<T> keep;
        private @Nullable T result;
        private @Nullable RuntimeException failure;
        private boolean done;

        Turn(Function<SqlDatabase, T> work, Predicate<T> keep) {
            this.work = work;
            this.keep = keep;
        }

        /** Returns whether anything stays. Throws only if the transaction cannot go on. */
        boolean run(SqlDatabase database) {
            database.execute("SAVEPOINT turn");
            boolean stays = false;
            try {
                T made = work.apply(database);
                result = made;
                stays = keep.test(made);
            } catch (RuntimeException e) {
                failure = e;
            }
            if (!stays) {
                undo(database);
            }
            database.execute("RELEASE turn");
            return stays;
        }

        /** Where the transaction ended with this turn, as on a full disk, that is what all who share it are to hear. */
        private void undo(SqlDatabase database) {
            try {
                database.execute("ROLLBACK TO turn");
            } catch (SqlException e) {
                throw failure == null ? e : failure;
            }
        }

        void fail(RuntimeException e) {
            if (failure == null) {
                failure = e;
            }
        }

        @SuppressWarnings("NullAway") // Null only where the work returned it.
        T result() {
            if (failure != null) {
                throw failure;
            }
            return result;
        }
    }
}
