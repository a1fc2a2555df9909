// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.store.FileLook;
import io.anabranch.sync.store.log.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.util.Set;

/** Looks at a file and at what is around it, and has what it is looked at by those who know more. */
final class FileDoctor {
    private static final long LEAST_FREE_BYTES = 64L << 20;
    /** SQLite starts its log over at a few MiB, unless somebody reads without end. */
    private static final long LARGE_WAL_BYTES = 64L << 20;

    private final Path file;
    private final Clock clock;

    private FileDoctor(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    static Checkup look(Path file, Clock clock) {
        if (!Files.isRegularFile(file)) {
            Checkup checkup = new Checkup(file.toString(), "file");
            checkup.error("file", "there is no such file", "name a replica, a relay's file, or the address of a relay");
            return checkup;
        }
        return new FileDoctor(file, clock).look();
    }

    private Checkup look() {
        FileLook look;
        try {
            look = FileLook.at(file, FileKinds.DRIVER, new Place(Place.defaultDirectory()));
        } catch (SqlException e) {
            Checkup checkup = new Checkup(file.toString(), "file");
            permissions(checkup);
            checkup.error("file", "it cannot be read as an SQLite file: " + e.getMessage(), unreadable(e));
            return checkup;
        }
        Checkup checkup = new Checkup(file.toString(), kind(look));
        permissions(checkup);
        disk(checkup);
        if (!look.damage().isEmpty()) {
            checkup.error(
                    "integrity",
                    "SQLite finds it damaged: " + String.join("; ", look.damage()),
                    look.kind() == FileLook.Kind.RELAY
                            ? "stop the relay and put a backup in its place with 'anabranch restore'; clients bring what it lacks"
                            : "save what no other replica has with 'anabranch bundle export " + file
                                    + " OUT', then put a"
                                    + " backup in its place with 'anabranch restore', or make a new replica of the space"
                                    + " with 'anabranch init', and there 'anabranch bundle import'; where only an index is"
                                    + " named, sqlite3's REINDEX may do");
            return checkup;
        }
        checkup.ok("integrity", "SQLite finds it whole, " + look.bytes() + " bytes");
        wal(look, checkup);
        switch (look.kind()) {
            case REPLICA:
                ReplicaDoctor.look(file, look, clock, checkup);
                break;
            case RELAY:
                RelayFileDoctor.look(file, checkup);
                break;
            default:
                checkup.error(
                        "file",
                        "it is an SQLite file but neither a replica nor a relay's",
                        "'anabranch init " + file + " --space NAME --all-tables' makes it a replica");
        }
        return checkup;
    }

    private static String kind(FileLook look) {
        return look.kind() == FileLook.Kind.REPLICA
                ? "replica"
                : look.kind() == FileLook.Kind.RELAY ? "relay-file" : "file";
    }

    private static String unreadable(SqlException e) {
        switch (e.kind()) {
            case BUSY:
                return "another program holds it: end that program's transaction, then look again";
            case NOT_A_DATABASE:
                return "name an SQLite file; if it was one, put a backup in its place with 'anabranch restore'";
            case CORRUPT:
                return "a replica: save what no other has with 'anabranch bundle export FILE OUT' if that can still be read,"
                        + " then restore a backup or make a new replica of the space, and import that; a relay: stop it and"
                        + " restore a backup, or begin with an empty file, clients bring what it lacks";
            default:
                return "make it readable for the user who runs this";
        }
    }

    private void permissions(Checkup checkup) {
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isReadable(file) || !Files.isWritable(file)) {
            checkup.error(
                    "permissions",
                    "the user who runs this may not " + (Files.isReadable(file) ? "write" : "read") + " it",
                    "let this user read and write it: chown or chmod");
        } else if (folder != null && !Files.isWritable(folder)) {
            checkup.error(
                    "permissions",
                    "the folder " + folder + " may not be written, and SQLite keeps its log beside the file",
                    "let this user write the folder, or move the file to one of its own");
        } else if (isReadByAll()) {
            checkup.warning(
                    "permissions",
                    "every user of this machine may read it, and so all that it holds",
                    "chmod o-r " + file);
        } else {
            checkup.ok("permissions", "it may be read and written, and not by everybody");
        }
    }

    private boolean isReadByAll() {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return permissions.contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false; // Where there are no such permissions there is nothing to say.
        }
    }

    private void disk(Checkup checkup) {
        long free;
        try {
            free = Files.getFileStore(file).getUsableSpace();
        } catch (IOException e) {
            checkup.warning("disk", "its free space cannot be told: " + e.getMessage(), "look with df");
            return;
        }
        if (free < LEAST_FREE_BYTES) {
            checkup.error(
                    "disk",
                    "only " + free + " bytes are free, and below " + LEAST_FREE_BYTES + " relays take nothing more",
                    "make room: remove what is not needed, or run 'anabranch compact' on replicas");
        } else {
            checkup.ok("disk", free + " bytes are free");
        }
    }

    private void wal(FileLook look, Checkup checkup) {
        Path wal = Path.of(file + "-wal");
        long bytes;
        try {
            bytes = Files.exists(wal) ? Files.size(wal) : 0;
        } catch (IOException e) {
            bytes = 0;
        }
        if (!look.isWal()) {
            checkup.warning(
                    "wal",
                    "its write-ahead log is off, so readers and writers wait for each other",
                    "sqlite3 " + file + " 'PRAGMA journal_mode=WAL'; a backup that is not in use yet may stay so");
        } else if (bytes > LARGE_WAL_BYTES) {
            checkup.warning(
                    "wal",
                    "its write-ahead log has grown to " + bytes + " bytes: some program reads without end",
                    "end transactions that only read; sqlite3 " + file
                            + " 'PRAGMA wal_checkpoint(TRUNCATE)' then empties it");
        } else {
            checkup.ok("wal", "its write-ahead log is on and has " + bytes + " bytes");
        }
    }
}
