// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.store.FileLook;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What commands that take a replica's or a relay's file ask of it first. */
final class FileKinds {
    static final SqlDriver DRIVER = new JdbcDriver();
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;

    /** What SQLite keeps beside a file while it is open. */
    private static final List<String> COMPANIONS = List.of("", "-wal", "-shm", "-journal");

    private FileKinds() {}

    /** Looks at a file that has to be there, and be a replica's or a relay's, undamaged. */
    static FileLook.Kind require(String doing, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new Failure(
                    "cannot " + doing + " " + file + ": there is no such file. Name a replica or a relay's file");
        }
        FileLook look;
        try {
            look = FileLook.at(file, DRIVER, new Place(Place.defaultDirectory()));
        } catch (SqlException e) {
            String why = e.kind() == SqlException.Kind.NOT_A_DATABASE ? "it is not an SQLite file" : e.getMessage();
            throw new Failure(
                    "cannot " + doing + " " + file + ": " + why + ". 'anabranch doctor " + file + "' says more");
        }
        if (look.kind() == FileLook.Kind.OTHER) {
            throw new Failure("cannot " + doing + " " + file
                    + ": it is an SQLite file but neither a replica nor a relay's. Copy it with sqlite3's .backup");
        }
        if (!look.damage().isEmpty()) {
            throw new Failure("cannot " + doing + " " + file + ": it is damaged ("
                    + look.damage().get(0)
                    + "). Take an earlier backup, or make a new replica of the space and sync it");
        }
        return look.kind();
    }

    /** Tells whether a file is a replica; one that is missing or cannot be read is none. */
    static boolean isReplica(Path file) {
        try {
            return Files.isRegularFile(file)
                    && FileLook.at(file, DRIVER, new Place(Place.defaultDirectory()))
                                    .kind()
                            == FileLook.Kind.REPLICA;
        } catch (SqlException e) {
            return false;
        }
    }

    /** Returns whether a file is a relay's; false also where it cannot be read at all. */
    static boolean isRelay(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (SqlDatabase database = DRIVER.open(file, BUSY_TIMEOUT_MILLIS)) {
            return database.queryLong("PRAGMA application_id") == ReplicaFile.RELAY_APPLICATION_ID;
        } catch (SqlException e) {
            return false;
        }
    }

    /** Overwriting is never meant: what would be lost may be the only copy. */
    static void requireFree(String doing, Path file) {
        for (String companion : COMPANIONS) {
            Path beside = Path.of(file + companion);
            if (Files.exists(beside)) {
                throw new Failure("cannot " + doing + " " + file + ": there is " + beside
                        + " already, and nothing is overwritten. Name another file, or move that one away");
            }
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new Failure("cannot " + doing + " " + file + ": there is no folder " + folder + ". Make it first");
        }
    }
}
