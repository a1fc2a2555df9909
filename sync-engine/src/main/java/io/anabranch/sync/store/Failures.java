// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What SQLite refuses, said to people: what failed, why, and what to do now. */
final class Failures {
    private Failures() {}

    static SyncException locked(String doing, Path path, @Nullable SqlException e) {
        List<String> holders = LockHolders.of(path);
        return new SyncException.Locked(
                "cannot " + doing + " " + path + ": another program has held its lock for "
                        + Transactions.BUSY_TIMEOUT_MILLIS / 1000 + " seconds"
                        + (holders.isEmpty() ? "" : ", " + String.join(", ", holders))
                        + "; end that program's transaction and try again",
                e);
    }

    static SyncException of(String doing, Path path, SqlException e) {
        String failure = "cannot " + doing + " " + path + ": ";
        switch (e.kind()) {
            case NOT_A_DATABASE:
                return new SyncException.BadFile(
                        failure + "it is not an SQLite database; name an SQLite file, or one that does not exist yet",
                        e);
            case CANNOT_OPEN:
                return new SyncException.BadFile(
                        failure
                                + "SQLite cannot open it; check that it is a file, its folder exists, and you may read it",
                        e);
            case CORRUPT:
                return new SyncException.BadFile(
                        failure + "it is damaged (" + e.getMessage()
                                + "); 'anabranch bundle export' saves what no peer has, as"
                                + " far as it can still be read, and then restore a backup, or make a new replica of the"
                                + " space and import that",
                        e);
            case BUSY:
                return locked(doing, path, e);
            case FULL:
                return new SyncException.CannotWrite(
                        failure + "the disk is full; make room and try again, nothing was half done", e);
            case READ_ONLY:
                return new SyncException.CannotWrite(
                        failure + "it is read-only; make the file and its folder writable", e);
            default:
                return new SyncException(failure + e.getMessage(), e);
        }
    }
}
