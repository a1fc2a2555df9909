// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.enrol.DroppedColumns;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.schema.Schema;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions of one connection. Every operation on a replica's file is one of them; whoever needs several in a row that
 * nobody of this connection comes between holds this object's monitor meanwhile. Thread-safe.
 */
final class Transactions {
    static final int BUSY_TIMEOUT_MILLIS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    private final Components parts;
    private final Path path;
    private final SqlDatabase db;
    private final WriteTurns turns;

    private boolean inTransaction;
    /** Whether the side tables were there when a transaction began; spares looking each time. */
    private boolean isReplica;

    Transactions(Components parts) {
        this.parts = parts;
        this.path = parts.path;
        this.db = parts.db;
        this.turns = WriteTurns.of(path);
    }

    /** As {@link #writeAsIs}, once the tables of the space are what the application made of its own. */
    <T> T write(Supplier<T> work) {
        return writeAsIs(() -> {
            if (isReplica) {
                parts.followSchema();
            }
            return work.get();
        });
    }

    /** As {@link #write(Supplier)}, for work that has nothing to return. */
    void write(Runnable work) {
        write(() -> {
            work.run();
            return true;
        });
    }

    /** Runs {@code work} in one transaction that holds the write lock from the start; commits unless it throws. */
    synchronized <T> T writeAsIs(Supplier<T> work) {
        if (inTransaction) {
            throw new IllegalStateException("already in a transaction of " + path);
        }
        begin();
        inTransaction = true;
        boolean committed = false;
        try {
            isReplica = isReplica || SideTables.exist(db); // Once it is one it stays one.
            if (isReplica) {
                parts.meta.begin();
                parts.catalog.refresh();
            }
            T result = work.get();
            MergeRulesInUse.noteProblems(db, parts.rows);
            parts.moveKeyRangesOn();
            parts.rows.flush();
            db.execute("COMMIT");
            committed = true;
            return result;
        } catch (SqlException e) {
            throw Failures.of("write", path, e);
        } finally {
            inTransaction = false;
            try {
                if (!committed) {
                    rollBack();
                }
            } finally {
                turns.end();
            }
        }
    }

    /** As {@link #writeAsIs(Supplier)}, for work that has nothing to return. */
    void writeAsIs(Runnable work) {
        writeAsIs(() -> {
            work.run();
            return true;
        });
    }

    private void begin() {
        if (!turns.begin(BUSY_TIMEOUT_MILLIS)) {
            throw Failures.locked("write", path, null);
        }
        try {
            db.execute("BEGIN IMMEDIATE");
        } catch (SqlException e) {
            turns.end();
            throw Failures.of("write", path, e);
        } catch (RuntimeException | Error e) {
            turns.end(); // It is this process's, and lasts longer than what went wrong with one file.
            throw e;
        }
    }

    private void rollBack() {
        parts.forget();
        db.resetAll();
        try {
            db.execute("ROLLBACK");
        } catch (SqlException e) {
            // SQLite has ended the transaction itself, as it does for a full disk; then there is none to roll back.
            LOG.debug("nothing to roll back in {}: {}", path, e.getMessage());
        }
    }

    /** Runs {@code work} on one unchanging view of the file; inside a transaction on that one's. */
    synchronized <T> T read(Supplier<T> work) {
        if (inTransaction) {
            return work.get();
        }
        try {
            db.execute("BEGIN");
        } catch (SqlException e) {
            throw Failures.of("read", path, e);
        }
        inTransaction = true;
        try {
            parts.meta.begin();
            parts.catalog.refresh();
            return work.get();
        } catch (SqlException e) {
            throw Failures.of("read", path, e);
        } finally {
            inTransaction = false;
            parts.rows.release();
            db.resetAll();
            endRead();
        }
    }

    /** What went wrong in it is what counts, and not that what follows from a damaged page cannot be committed either. */
    private void endRead() {
        try {
            db.execute("COMMIT");
        } catch (SqlException e) {
            LOG.debug("a look at {} is given up: {}", path, e.getMessage());
            rollBack();
        }
    }

    /** As {@link #read(Supplier)}, for work that has nothing to return. */
    void read(Runnable work) {
        read(() -> {
            work.run();
            return true;
        });
    }

    /** Runs a look at the file that is one statement. */
    synchronized <T> T look(Supplier<T> work) {
        try {
            if (!inTransaction) {
                parts.meta.begin();
            }
            return work.get();
        } catch (SqlException e) {
            db.resetAll();
            throw Failures.of("read", path, e);
        }
    }

    /** Runs a pragma that no transaction may be around. */
    synchronized void pragma(String text) {
        db.execute("PRAGMA " + text);
    }

    /** Returns whether the calling thread is inside a transaction of this connection. */
    boolean isInside() {
        return Thread.holdsLock(this) && inTransaction;
    }

    /** Returns whether somebody of this process waits for the write lock. */
    boolean isAwaited() {
        return turns.isAwaited();
    }

    // ---- The application's

    /**
     * Runs the application's work as one change set: what others left unsealed goes into an earlier one, and exactly what
     * {@code work} wrote into its own. Inside another one of the same thread it is a savepoint of that one.
     */
    synchronized void ofApplication(Consumer<SqlDatabase> work) {
        if (inTransaction) {
            savepoint(work);
            return;
        }
        boolean isLate = write(() -> {
            if (!parts.meta.isSettled()) {
                parts.seal();
            }
            run(work);
            parts.catalog.refresh();
            parts.carryOutAsked();
            parts.schema.noteMissed(parts.nowMillis());
            parts.sealer.seal(parts.self(), parts.nowMillis(), parts.clockOffsetMillis(), true);
            parts.followSchema();
            parts.meta.settle();
            return parts.isLate();
        });
        if (isLate) {
            showLate();
        }
    }

    /** Shows what the transaction could not, since foreign keys would have acted on it. That is committed, whatever becomes of this. */
    private void showLate() {
        db.execute("PRAGMA foreign_keys = OFF");
        try {
            write(parts::seal);
        } catch (SyncException e) {
            LOG.warn("some rows of {} show what they should only after the next exchange: {}", path, e.getMessage());
        } finally {
            db.execute("PRAGMA foreign_keys = ON");
        }
    }

    private void run(Consumer<SqlDatabase> work) {
        DroppedColumns connection = new DroppedColumns(db, parts.catalog);
        work.accept(connection);
        connection.restore();
        refuseShadows();
    }

    /** What the engine asks of this connection names tables as the application does, and a temporary one would answer. */
    private void refuseShadows() {
        SqlStatement query = db.prepare("SELECT name FROM sqlite_temp_master WHERE type IN ('table', 'view')");
        while (query.step()) {
            String name = String.valueOf(query.getText(0));
            if (Schema.isOurs(name) || parts.catalog.findLocal(name) != null) {
                query.reset();
                throw new SyncException.BadSql(
                        "cannot make a temporary " + name + ": it would hide the replica's own from the replica;"
                                + " give it another name. Nothing of its transaction was kept",
                        null);
            }
        }
    }

    private void savepoint(Consumer<SqlDatabase> work) {
        db.execute("SAVEPOINT _ab_nested");
        boolean isGood = false;
        try {
            run(work);
            isGood = true;
        } finally {
            try {
                if (!isGood) {
                    parts.meta.distrust();
                    db.execute("ROLLBACK TO _ab_nested");
                    parts.catalog.forget();
                }
                db.execute("RELEASE _ab_nested");
            } catch (SqlException e) {
                // The whole transaction is gone, and whoever began it is told so.
                LOG.debug("no savepoint is left in {}: {}", path, e.getMessage());
            }
        }
    }
}
