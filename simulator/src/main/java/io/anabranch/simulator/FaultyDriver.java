// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The driver of one simulated process. Counts the statements that it runs, over all its connections, and lets something
 * happen before the one that was chosen. Once the process is dead, every call but closing throws {@link Crash}.
 */
final class FaultyDriver implements SqlDriver {
    private final SqlDriver real;
    private final Disk disk;
    private @Nullable Kind armed;
    private int untilItHappens;
    private long statements;
    private volatile boolean dead;
    private boolean happened;
    private @Nullable PowerCut powerCut;
    /** Connections that nobody has closed yet. */
    private final Set<SqlDatabase> open = ConcurrentHashMap.newKeySet();

    FaultyDriver(Disk disk) {
        this.real = disk.driver();
        this.disk = disk;
    }

    /** Returns how many statements have run. */
    long statements() {
        return statements;
    }

    /** Lets {@code kind} happen at the statement after {@code statements} more. */
    void arm(Kind kind, int statements) {
        armed = kind;
        untilItHappens = statements;
    }

    boolean isArmed() {
        return armed != null;
    }

    void disarm() {
        armed = null;
    }

    void kill() {
        dead = true;
    }

    /** Returns whether something has happened since it was last asked. */
    boolean takeHappened() {
        boolean answer = happened;
        happened = false;
        return answer;
    }

    @Nullable
    PowerCut powerCut() {
        return powerCut;
    }

    @Override
    public SqlDatabase open(Path file, int busyTimeoutMillis) {
        checkAlive();
        FaultyDatabase database = new FaultyDatabase(real.open(file, busyTimeoutMillis), file, this);
        open.add(database);
        return database;
    }

    /**
     * Closes what a process that has ended left open, as the system does. Who is told of a crash amid opening or closing may
     * close nothing; and what such a connection remembers of the file would be taken for true by the next process in this one.
     */
    void closeAll() {
        List.copyOf(open).forEach(SqlDatabase::close);
    }

    void closed(SqlDatabase database) {
        open.remove(database);
    }

    boolean hasOpenConnections() {
        return !open.isEmpty();
    }

    @Override
    public SqlDatabase openInMemory() {
        checkAlive();
        return real.openInMemory();
    }

    void checkAlive() {
        if (dead) {
            throw new Crash("the process is dead");
        }
    }

    /**
     * Called before each statement runs.
     *
     * @param isWriting whether its connection holds the lock to write
     */
    void before(String sql, SqlDatabase database, boolean isWriting) {
        checkAlive();
        statements++;
        Kind kind = armed;
        if (kind == null || !kind.concerns(sql, isWriting) || untilItHappens-- > 0) {
            return;
        }
        if (kind != Kind.POWER_CUT) {
            happen();
        }
        switch (kind) {
            case CRASH -> die("before " + sql);
            case DISK_FULL -> {
                // SQLite itself ends the transaction for some of these, and for others leaves that to the caller.
                rollBack(database);
                throw failure(SqlException.Kind.FULL, "database or disk is full");
            }
            case IO_ERROR -> throw failure(SqlException.Kind.IO, "disk I/O error");
            case POWER_CUT -> {} // In the commit itself; see commit.
        }
    }

    /** Commits as {@code commit} does, unless the power goes meanwhile. */
    void commit(Path file, Runnable commit) {
        if (armed != Kind.POWER_CUT || untilItHappens >= 0) {
            commit.run();
            return;
        }
        Disk.Image earlier = disk.save(file);
        commit.run();
        powerCut = new PowerCut(earlier, disk.save(file));
        happen();
        die("in a commit");
    }

    private void happen() {
        armed = null;
        happened = true;
    }

    private void die(String where) {
        dead = true;
        throw new Crash(where);
    }

    private static void rollBack(SqlDatabase database) {
        try {
            database.execute("ROLLBACK");
        } catch (SqlException noTransaction) {
            // None was open.
        }
    }

    private static SqlException failure(SqlException.Kind kind, String message) {
        return new SqlException(kind, message + " (simulated)", new IllegalStateException(message));
    }

    /** What a power cut in a commit left: the file before, and the file as it was written but perhaps not synced. */
    record PowerCut(Disk.Image before, Disk.Image after) {}

    /** What can happen at a statement. */
    enum Kind {
        CRASH,
        DISK_FULL,
        IO_ERROR,
        POWER_CUT;

        boolean concerns(String sql, boolean isWriting) {
            return switch (this) {
                case CRASH -> true;
                case POWER_CUT -> isWriting && sql.equals("COMMIT");
                case DISK_FULL -> isWriting && isAnyOf(sql, "INSERT", "UPDATE", "DELETE", "COMMIT");
                // To end a transaction that only read takes no I/O.
                case IO_ERROR ->
                    isAnyOf(sql, "SELECT", "INSERT", "UPDATE", "DELETE") || isWriting && sql.equals("COMMIT");
            };
        }

        private static boolean isAnyOf(String sql, String... verbs) {
            String verb = sql.substring(0, Math.min(6, sql.length())).toUpperCase(Locale.ROOT);
            return List.of(verbs).contains(verb);
        }
    }
}
