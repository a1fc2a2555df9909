// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.PartStore;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a relay's file, and how a file is known to be one.
 *
 * <pre>
 *   meta(relay)                              the name the relay gave itself
 *   space(id, name, epoch, record, …)        record: see {@link SpaceRecord}; then what it takes up, which triggers count
 *   log(lsn, space, origin, seq, hash, bytes)   lsn is a number of its own, no more
 *   head(space, origin, seq, hash)           the last of each origin, cut since or not
 *   part(space, origin, seq, part, bytes)    of bodies too large for one message
 *   waiting(space, origin, seq, ...)         change sets whose parts are still coming
 *   blob(id, space, hash, size, at, bytes)   bytes of snapshots, under the names that those have
 *   token(id, space, rights, …, hash)        by space's name; hash is the SHA-256 of the secret, which is nowhere
 *   post(id, space, origin, sum, bytes)      what a replica says that its rows come to, at the heads with that sum
 *   claim(space, origin, family)             which line of tokens speaks for an origin
 * </pre>
 */
final class RelaySchema {
    static final int FORMAT = 3;

    /** "AbRe" in ASCII, in the header of the file. */
    private static final long APPLICATION_ID = ReplicaFile.RELAY_APPLICATION_ID;

    private static final String[] TABLES = {
        "CREATE TABLE meta (relay BLOB NOT NULL)",
        "CREATE TABLE space (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch BLOB NOT NULL,"
                + " change_sets INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, record BLOB,"
                + " snapshot_bytes INTEGER NOT NULL DEFAULT 0)",
        "CREATE TABLE log (lsn INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL, origin BLOB NOT NULL,"
                + " seq INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL)",
        "CREATE UNIQUE INDEX log_by_dot ON log (space, origin, seq)",
        "CREATE TABLE head (space INTEGER NOT NULL, origin BLOB NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
                + " PRIMARY KEY (space, origin)) WITHOUT ROWID",
        "CREATE TABLE token (id TEXT PRIMARY KEY, space TEXT NOT NULL, rights TEXT NOT NULL, name TEXT NOT NULL,"
                + " family TEXT NOT NULL, created INTEGER NOT NULL, revoked INTEGER, hash BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE claim (space INTEGER NOT NULL, origin BLOB NOT NULL, family TEXT NOT NULL,"
                + " PRIMARY KEY (space, origin)) WITHOUT ROWID",
    };

    /** They keep the usage of a space, whoever adds to the log, cuts it, or completes what came in parts. */
    private static final String[] COUNTING = {
        "CREATE TRIGGER log_grows AFTER INSERT ON log BEGIN UPDATE space SET change_sets = change_sets + 1,"
                + " bytes = bytes + length(NEW.bytes) WHERE id = NEW.space; END",
        "CREATE TRIGGER log_shrinks AFTER DELETE ON log BEGIN UPDATE space SET change_sets = change_sets - 1,"
                + " bytes = bytes - length(OLD.bytes) WHERE id = OLD.space; END",
        "CREATE TRIGGER part_grows AFTER INSERT ON part BEGIN UPDATE space SET bytes = bytes + length(NEW.bytes)"
                + " WHERE id = NEW.space; END",
        "CREATE TRIGGER part_shrinks AFTER DELETE ON part BEGIN UPDATE space SET bytes = bytes - length(OLD.bytes)"
                + " WHERE id = OLD.space; END",
    };

    private static final String[] BLOBS = {
        "CREATE TABLE blob (id INTEGER PRIMARY KEY, space INTEGER NOT NULL, hash BLOB NOT NULL, size INTEGER NOT NULL,"
                + " at INTEGER NOT NULL, bytes BLOB NOT NULL)",
        "CREATE UNIQUE INDEX blob_by_place ON blob (space, hash, size, at)",
        "CREATE TRIGGER blob_grows AFTER INSERT ON blob BEGIN UPDATE space SET snapshot_bytes = snapshot_bytes"
                + " + length(NEW.bytes) WHERE id = NEW.space; END",
        "CREATE TRIGGER blob_shrinks AFTER DELETE ON blob BEGIN UPDATE space SET snapshot_bytes = snapshot_bytes"
                + " - length(OLD.bytes) WHERE id = OLD.space; END",
    };

    private static final String[] POSTS = {
        "CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL, origin BLOB NOT NULL,"
                + " sum BLOB NOT NULL, bytes BLOB NOT NULL)",
        "CREATE UNIQUE INDEX post_by_origin ON post (space, origin)",
        "CREATE INDEX post_by_sum ON post (space, sum, origin)",
        "CREATE INDEX post_by_age ON post (space, id)",
    };

    /** What makes a file of format 1 one of format 2. */
    private static final String[] FROM_1 = {
        "DROP INDEX log_by_arrival",
        "ALTER TABLE space ADD COLUMN record BLOB",
        "ALTER TABLE space ADD COLUMN snapshot_bytes INTEGER NOT NULL DEFAULT 0",
    };

    private RelaySchema() {}

    /** Makes an empty file a relay's; accepts one that is; leaves any other as it is and throws. */
    static void prepare(SqlDatabase database, Path file, Random random) {
        if (!isOurs(database, file)) {
            database.execute("PRAGMA journal_mode = WAL");
            create(database, file, random);
        }
        renew(database);
        configure(database);
    }

    /** Sets what holds for a connection, not for the file. */
    static void configure(SqlDatabase database) {
        database.execute("PRAGMA synchronous = FULL");
        database.execute("PRAGMA foreign_keys = ON");
    }

    private static boolean isOurs(SqlDatabase database, Path file) {
        long application;
        long format;
        boolean empty;
        try {
            application = database.queryLong("PRAGMA application_id");
            format = database.queryLong("PRAGMA user_version");
            empty = database.queryLong("SELECT count(*) FROM sqlite_master") == 0;
        } catch (SqlException e) {
            throw unusable(file, reason(e), e);
        }
        if (application == APPLICATION_ID && format > FORMAT) {
            throw new RelayStoreException(
                    "cannot open the relay file " + file + ": its format is " + format + " and this version knows "
                            + FORMAT + " at most. Start it with the newer version of Anabranch that wrote it",
                    null);
        }
        if (application == APPLICATION_ID && format >= 1) {
            return true;
        }
        if (!empty || application != 0) {
            throw unusable(file, "it is an SQLite file of something else", null);
        }
        return false;
    }

    private static void renew(SqlDatabase database) {
        if (database.queryLong("PRAGMA user_version") == FORMAT) {
            return;
        }
        database.execute("BEGIN IMMEDIATE");
        try {
            // Another relay may have been faster.
            long format = database.queryLong("PRAGMA user_version");
            if (format == 1) {
                executeAll(database, FROM_1);
                executeAll(database, BLOBS);
            }
            if (format < FORMAT) {
                executeAll(database, POSTS);
                database.execute("PRAGMA user_version = " + FORMAT);
            }
            database.execute("COMMIT");
        } catch (RuntimeException e) {
            database.execute("ROLLBACK");
            throw e;
        }
    }

    private static void create(SqlDatabase database, Path file, Random random) {
        database.execute("BEGIN IMMEDIATE");
        try {
            // Another relay may have been faster.
            if (!isOurs(database, file)) {
                executeAll(database, TABLES);
                PartStore.ddl("").forEach(database::execute);
                executeAll(database, BLOBS);
                executeAll(database, POSTS);
                executeAll(database, COUNTING);
                SqlStatement meta = database.prepare("INSERT INTO meta (relay) VALUES (?)");
                meta.bind(1, Origin.random(random).bytes()).run();
                database.execute("PRAGMA application_id = " + APPLICATION_ID);
                database.execute("PRAGMA user_version = " + FORMAT);
            }
            database.execute("COMMIT");
        } catch (RuntimeException e) {
            database.execute("ROLLBACK");
            throw e;
        }
    }

    private static void executeAll(SqlDatabase database, String[] statements) {
        for (String statement : statements) {
            database.execute(statement);
        }
    }

    private static String reason(SqlException e) {
        switch (e.kind()) {
            case NOT_A_DATABASE:
                return "it is not an SQLite file";
            case CORRUPT:
                return "it is damaged (" + e.getMessage() + ")";
            default:
                return String.valueOf(e.getMessage());
        }
    }

    static RelayStoreException unusable(Path file, String why, @Nullable Throwable cause) {
        return new RelayStoreException(
                "cannot use " + file + " as a relay's file: " + why
                        + ". It was left as it is; name a relay's file, or one that does not exist yet",
                cause);
    }
}
