// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * SQLite databases in memory, each kept alive by a connection of its own. An empty file stands where the database's would be:
 * the engine asks the system which file it is.
 */
final class MemoryDisk implements Disk, SqlDriver {
    private final JdbcDriver driver = new JdbcDriver();
    /** Databases in memory belong to the whole process: worlds must not meet. */
    private final String prefix = "file:/" + UUID.randomUUID() + "-";

    private final Map<Path, String> names = new HashMap<>();
    private final List<SqlDatabase> keepers = new ArrayList<>();
    private int made;

    @Override
    public SqlDriver driver() {
        return this;
    }

    @Override
    public SqlDatabase open(Path file, int busyTimeoutMillis) {
        String name = names.get(file);
        if (name == null) {
            touch(file);
            name = fresh();
            names.put(file, name);
        }
        return driver.open(name, 0);
    }

    @Override
    public SqlDatabase openInMemory() {
        return driver.openInMemory();
    }

    private String fresh() {
        String name = prefix + made++ + "?vfs=memdb";
        keepers.add(driver.open(name, 0));
        return name;
    }

    private static void touch(Path file) {
        try {
            if (!Files.exists(file)) {
                Files.createFile(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + file, e);
        }
    }

    @Override
    public Image save(Path file) {
        String name = names.get(file);
        if (name == null) {
            throw new IllegalStateException("nothing was ever opened at " + file);
        }
        return new Copy(copy(name));
    }

    @Override
    public void put(Path file, Image image) {
        touch(file);
        names.put(file, copy(((Copy) image).name));
    }

    /**
     * Page by page, which takes a twentieth of what VACUUM INTO takes, and committed ones only: what a connection has not
     * committed is not seen by this one.
     */
    private String copy(String from) {
        String to = fresh();
        try (SqlDatabase database = driver.open(from, 0)) {
            database.execute("backup main to '" + to + "'");
            // A copy counts its schemas anew, and may not have the number of an older one.
            long schema = database.queryLong("PRAGMA schema_version");
            keepers.get(keepers.size() - 1).execute("PRAGMA schema_version = " + (schema + 1));
        }
        return to;
    }

    @Override
    public void abandon(Path file, FaultyDriver driver, Random random, Runnable close) {
        close.run(); // Rolls back what was not committed, and there is no log.
    }

    @Override
    public void close() {
        keepers.forEach(SqlDatabase::close);
    }

    private static final class Copy implements Image {
        private final String name;

        Copy(String name) {
            this.name = name;
        }
    }
}
