// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.access.TokenStore;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.DamagedLog;
import io.anabranch.sync.session.SpaceName;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A relay's spaces in one SQLite file: WAL, and {@code synchronous=FULL}, so that what is acknowledged outlives a power
 * cut. One connection writes, for many at once; readers have their own and wait for nobody. Thread-safe.
 */
public final class SqliteRelayStore implements RelayStore {
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;
    private static final int MOST_IDLE_READERS = 8;

    private final SqlDriver driver;
    private final Path file;
    private final Random random;
    private final Origin relay;

    private final SqlDatabase writer;
    private final GroupCommit commits;
    /** Never writes, so that the file's data_version counts what all others do. Guarded by itself. */
    private final SqlDatabase watcher;
    /** Guarded by itself. */
    private final Deque<SqlDatabase> idleReaders = new ArrayDeque<>();

    private final ConcurrentMap<String, SpaceStore> spaces = new ConcurrentHashMap<>();
    private final SqliteTokens tokens = new SqliteTokens(this);
    private volatile boolean closed;

    private SqliteRelayStore(SqlDriver driver, Path file, Random random, SqlDatabase writer) {
        this.driver = driver;
        this.file = file;
        this.random = random;
        this.writer = writer;
        this.commits = new GroupCommit(writer);
        this.watcher = driver.open(file, BUSY_TIMEOUT_MILLIS);
        this.relay = readRelay(writer);
    }

    /**
     * Opens a relay's file, making it if it is missing or empty; one that is made is for its owner alone.
     *
     * @throws RelayStoreException if it is the file of something else, or of a newer version; it is left as it is
     */
    public static SqliteRelayStore open(SqlDriver driver, Path file) {
        return open(driver, file, new SecureRandom());
    }

    /** Likewise; the relay's name and its epochs are drawn from {@code random}. */
    public static SqliteRelayStore open(SqlDriver driver, Path file, Random random) {
        SqlDatabase writer;
        PrivateFile.make(file);
        try {
            writer = driver.open(file, BUSY_TIMEOUT_MILLIS);
        } catch (SqlException e) {
            throw RelaySchema.unusable(file, whyNotOpened(file, e), e);
        }
        try {
            RelaySchema.prepare(writer, file, random);
            return new SqliteRelayStore(driver, file, random, writer);
        } catch (SqlException e) {
            writer.close();
            throw RelaySchema.unusable(file, String.valueOf(e.getMessage()), e);
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    private static String whyNotOpened(Path file, SqlException e) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            return "it is a folder";
        }
        return folder != null && !Files.isDirectory(folder)
                ? "there is no folder " + folder
                : "it cannot be opened (" + e.getMessage() + ")";
    }

    private static Origin readRelay(SqlDatabase database) {
        SqlStatement statement = database.prepare("SELECT relay FROM meta");
        if (!statement.step()) {
            throw new RelayStoreException("the relay's file has lost its own name: restore it from a backup", null);
        }
        Origin relay = Origin.of(Objects.requireNonNull(statement.getBlob(0)));
        statement.reset();
        return relay;
    }

    @Override
    public Origin relay() {
        return relay;
    }

    @Override
    public long version() {
        synchronized (watcher) {
            requireOpen();
            return watcher.queryLong("PRAGMA data_version");
        }
    }

    @Override
    public List<String> spaceNames() {
        return read(database -> {
            SqlStatement rows = database.prepare("SELECT name FROM space ORDER BY name");
            List<String> names = new ArrayList<>();
            while (rows.step()) {
                names.add(Objects.requireNonNull(rows.getText(0)));
            }
            return names;
        });
    }

    @Override
    public TokenStore tokens() {
        return tokens;
    }

    @Override
    public SpaceStore space(String name) {
        if (!SpaceName.isValid(name)) {
            throw new IllegalArgumentException("not the name of a space: '" + name + "'");
        }
        SpaceStore known = spaces.get(name);
        if (known != null) {
            return known;
        }
        SpaceStore space = write(database -> findOrCreate(database, name));
        SpaceStore raced = spaces.putIfAbsent(name, space);
        return raced == null ? space : raced;
    }

    /** Returns the log of a space that is here, for healing what a disk has altered in it. */
    public DamagedLog damagedLog(String name) {
        return (SqliteSpace) space(name);
    }

    private SpaceStore findOrCreate(SqlDatabase database, String name) {
        SpaceStore known = find(database, name);
        if (known != null) {
            return known;
        }
        byte[] epoch = new byte[Hash128.SIZE_BYTES];
        random.nextBytes(epoch);
        database.prepare("INSERT INTO space (name, epoch) VALUES (?, ?)")
                .bind(1, name)
                .bind(2, epoch)
                .run();
        return Objects.requireNonNull(find(database, name));
    }

    private @Nullable SpaceStore find(SqlDatabase database, String name) {
        SqlStatement statement = database.prepare("SELECT id, epoch FROM space WHERE name = ?");
        statement.bind(1, name);
        if (!statement.step()) {
            return null;
        }
        Hash128 epoch = Hash128.of(Objects.requireNonNull(statement.getBlob(1)));
        SpaceStore space = new SqliteSpace(this, statement.getLong(0), epoch);
        statement.reset();
        return space;
    }

    /** Runs {@code work} in a transaction and returns once it is durable. If it throws, nothing of it stays. */
    <T> T write(Function<SqlDatabase, T> work) {
        return write(work, result -> true);
    }

    /** Likewise; what {@code work} did stays only if {@code keep} says so of its result. */
    <T> T write(Function<SqlDatabase, T> work, Predicate<T> keep) {
        requireOpen();
        return commits.write(work, keep);
    }

    /** Runs {@code work} on one snapshot of what is durable. */
    <T> T read(Function<SqlDatabase, T> work) {
        SqlDatabase reader = borrow();
        boolean healthy = false;
        try {
            reader.execute("BEGIN");
            T result = work.apply(reader);
            reader.execute("COMMIT");
            healthy = true;
            return result;
        } finally {
            giveBack(reader, healthy);
        }
    }

    private SqlDatabase borrow() {
        synchronized (idleReaders) {
            requireOpen();
            SqlDatabase idle = idleReaders.poll();
            if (idle != null) {
                return idle;
            }
        }
        SqlDatabase reader = driver.open(file, BUSY_TIMEOUT_MILLIS);
        RelaySchema.configure(reader);
        return reader;
    }

    private void giveBack(SqlDatabase reader, boolean healthy) {
        synchronized (idleReaders) {
            if (healthy && !closed && idleReaders.size() < MOST_IDLE_READERS) {
                idleReaders.push(reader);
                return;
            }
        }
        reader.close();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the relay's store is closed: " + file);
        }
    }

    @Override
    public void close() {
        commits.alone(() -> {
            if (closed) {
                return;
            }
            synchronized (idleReaders) {
                closed = true;
                idleReaders.forEach(SqlDatabase::close);
                idleReaders.clear();
            }
            synchronized (watcher) {
                watcher.close();
            }
            writer.close();
        });
    }
}
