// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import java.nio.file.Path;

/** Copies of a relay's file. Tokens and claims are in them. */
public final class RelayBackup {
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;

    private RelayBackup() {}

    /**
     * Copies a relay's file as it is at one moment, while relays go on working with it. Costs O(file).
     *
     * @param to where nothing is yet
     * @throws RelayStoreException if {@code from} is no relay's file
     */
    public static void copy(SqlDriver driver, Path from, Path to) {
        SqliteRelayStore.open(driver, from).close(); // Is it a relay's, and of a format that is known?
        SqlDatabase database = driver.open(from, BUSY_TIMEOUT_MILLIS);
        PrivateFile.make(to);
        try {
            database.prepare("VACUUM INTO ?").bind(1, to.toString()).run();
        } finally {
            database.close();
        }
    }

    /**
     * As {@link #copy}, of a backup that takes a relay's place: its spaces begin a new epoch, which tells clients that it may
     * have lost what it acknowledged, and so what to bring again.
     */
    public static void restore(SqlDriver driver, Path from, Path to) {
        copy(driver, from, to);
        SqlDatabase database = driver.open(to, BUSY_TIMEOUT_MILLIS);
        try {
            database.execute("PRAGMA journal_mode = WAL");
            RelaySchema.configure(database);
            database.execute("UPDATE space SET epoch = randomblob(16)");
        } finally {
            database.close();
        }
    }
}
