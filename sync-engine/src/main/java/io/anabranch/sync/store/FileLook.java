// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.log.Place;
import io.anabranch.sync.store.log.SideTables;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What can be said of a file before it is opened as what it is, which would change some of it. Reads everything once. Immutable.
 *
 * @param kind what it is
 * @param damage what SQLite finds wrong with it, at most ten lines; nothing is looked at further then
 * @param isWal whether it uses a write-ahead log
 * @param doubt why a replica may not be the only file that writes under its name; empty if it is, or is none
 * @param logBytes what a replica's change log takes up
 * @param bytes what the whole file does, as SQLite counts it
 * @param clockMillis the latest time that a replica's clock has shown or taken in; 0 for none
 */
public record FileLook(
        Kind kind,
        List<String> damage,
        boolean isWal,
        Optional<String> doubt,
        long logBytes,
        long bytes,
        long clockMillis) {
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;
    /** Where SQLite's header says which version of it may write the file, and what that is with a write-ahead log. */
    private static final int WAL_VERSION_AT = 18;

    private static final byte WAL_VERSION = 2;

    /** What a file is. */
    public enum Kind {
        /** A replica; {@code Replica.open} opens it. */
        REPLICA,
        /** The file of a relay. */
        RELAY,
        /** SQLite's, but neither of these. */
        OTHER
    }

    public FileLook {
        damage = List.copyOf(damage);
    }

    /**
     * Looks at a file. One that cannot be written, or whose folder cannot, is read as it is: what a log beside it holds may be left out.
     *
     * @throws SqlException if it cannot be opened, or is not SQLite's
     */
    public static FileLook at(Path file, SqlDriver driver, Place place) {
        try (SqlDatabase db = driver.open(file, BUSY_TIMEOUT_MILLIS)) {
            return look(db, file, place, texts(db, "PRAGMA journal_mode").contains("wal"));
        } catch (SqlException e) {
            if (e.kind() != SqlException.Kind.READ_ONLY && e.kind() != SqlException.Kind.CANNOT_OPEN) {
                throw e;
            }
            // A connection that cannot write beside a file says that it has no write-ahead log.
            boolean isWal = isWal(file);
            try (SqlDatabase db = driver.openToRead(file, BUSY_TIMEOUT_MILLIS)) {
                return look(db, file, place, isWal);
            } catch (SqlException again) {
                throw e;
            }
        }
    }

    private static FileLook look(SqlDatabase db, Path file, Place place, boolean isWal) {
        boolean isRelay = db.queryLong("PRAGMA application_id") == ReplicaFile.RELAY_APPLICATION_ID;
        Kind kind = isRelay ? Kind.RELAY : SideTables.exist(db) ? Kind.REPLICA : Kind.OTHER;
        List<String> damage = texts(db, "PRAGMA integrity_check(10)");
        damage.remove("ok");
        long bytes = db.queryLong("PRAGMA page_count") * db.queryLong("PRAGMA page_size");
        if (kind != Kind.REPLICA || !damage.isEmpty()) {
            return new FileLook(kind, damage, isWal, Optional.empty(), 0, bytes, 0);
        }
        Meta meta = new Meta(db);
        return new FileLook(
                kind,
                damage,
                isWal,
                doubt(db, meta, file, place),
                db.queryLong("SELECT total(length(bytes)) FROM _ab_log"),
                bytes,
                new HybridTime(meta.getLong("hlc")).millis());
    }

    /** Asks the file itself. Only while no connection of this process has it open: to close it here would end their locks. */
    private static boolean isWal(Path file) {
        byte[] header = new byte[WAL_VERSION_AT + 1];
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            in.readFully(header);
        } catch (IOException e) {
            return false; // Nothing was written to it yet.
        }
        return header[WAL_VERSION_AT] == WAL_VERSION;
    }

    private static Optional<String> doubt(SqlDatabase db, Meta meta, Path file, Place place) {
        byte[] self = meta.getBlob("self");
        if (self == null) {
            return meta.getText("secret").isEmpty()
                    ? Optional.of("it is a backup that was not opened yet")
                    : Optional.of("its name is gone");
        }
        SqlStatement head =
                db.prepare("SELECT seq FROM _ab_origin WHERE origin = ?").bind(1, self);
        long seq = head.step() ? head.getLong(0) : 0;
        head.reset();
        return place.doubt(file, Origin.of(self), meta.getText("secret"), seq);
    }

    private static List<String> texts(SqlDatabase db, String sql) {
        SqlStatement rows = db.prepare(sql);
        List<String> texts = new ArrayList<>();
        while (rows.step()) {
            texts.add(String.valueOf(rows.getText(0)));
        }
        rows.reset();
        return texts;
    }
}
