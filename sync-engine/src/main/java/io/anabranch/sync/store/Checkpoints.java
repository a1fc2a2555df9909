// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.sql.SqlException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the write-ahead log into the file while much arrives. SQLite would do so as part of a commit, and whoever waits to write would
 * wait for that too; in between it stands in nobody's way. From construction until it is closed. Confined to one thread.
 */
final class Checkpoints implements AutoCloseable {
    /** Pages of a log that SQLite copies by itself: a page that several transactions wrote is copied once, and 16 MiB do no harm. */
    static final int PAGES = 4_000;
    /** Change sets of so many bytes write about that much. */
    private static final int EVERY_BYTES = 384 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private final Transactions transactions;
    private long sizeBytes;

    Checkpoints(Transactions transactions) {
        this.transactions = transactions;
        transactions.pragma("wal_autocheckpoint = 0");
    }

    /** Says that change sets of so many bytes were committed, and that nobody of this connection is in a transaction. */
    void written(long bytes) {
        sizeBytes += bytes;
        if (sizeBytes >= EVERY_BYTES) {
            copy();
        }
    }

    private void copy() {
        sizeBytes = 0;
        try {
            transactions.pragma("wal_checkpoint(PASSIVE)");
        } catch (SqlException e) {
            LOG.debug("the log is copied later: {}", e.getMessage());
        }
    }

    @Override
    public void close() {
        transactions.pragma("wal_autocheckpoint = " + PAGES);
    }
}
