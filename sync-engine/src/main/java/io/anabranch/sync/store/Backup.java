// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.store.log.Identity;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies a file, with everything sealed and without its identity. Thread-safe. */
final class Backup {
    private final ReplicaFile file;

    Backup(ReplicaFile file) {
        this.file = file;
    }

    /** As {@link ReplicaFile#backUp}. */
    void to(Path to) {
        if (Files.exists(to)) {
            throw new SyncException.CannotWrite(
                    "cannot back up " + file.path() + " to " + to + ": there is a file already; name another", null);
        }
        try (ReplicaFile other = ReplicaFile.openForApplication(file, file.components().driver)) {
            // While the other connection holds the lock, nothing is written that would be copied and not sealed.
            do {
                file.sealPending();
            } while (!other.transactions().write(() -> other.components().sealer.pending() == 0 && copy(to)));
        }
        SqlDatabase copy = file.components().driver.open(to, Transactions.BUSY_TIMEOUT_MILLIS);
        try {
            Identity.leaveOut(copy);
        } finally {
            copy.close();
        }
    }

    private boolean copy(Path to) {
        synchronized (file.transactions()) {
            try {
                file.components()
                        .db
                        .prepare("VACUUM INTO ?")
                        .bind(1, to.toString())
                        .run();
                return true;
            } catch (SqlException e) {
                throw Failures.of("back up", file.path(), e);
            }
        }
    }
}
