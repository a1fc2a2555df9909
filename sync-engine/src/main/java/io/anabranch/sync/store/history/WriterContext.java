// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * What the writer of a change set had seen, read from the contexts in the log. For reports to people alone: no merge rule
 * reads a context. Confined to one connection.
 */
final class WriterContext {
    private final SqlDatabase db;

    WriterContext(SqlDatabase db) {
        this.db = db;
    }

    /**
     * Returns whether the writer of {@code dot} had seen {@code other}. False where the log does not reach back far enough to
     * know. Costs O(change sets of that origin since it last heard of the other's).
     */
    boolean hadSeen(Dot dot, Dot other) {
        if (dot.origin().equals(other.origin())) {
            return dot.seq() > other.seq();
        }
        SqlStatement query = db.prepare("SELECT l.bytes FROM _ab_log AS l JOIN _ab_origin AS o ON o.id = l.origin"
                        + " WHERE o.origin = ? AND l.seq <= ? ORDER BY l.seq DESC")
                .bind(1, dot.origin().bytes())
                .bind(2, dot.seq());
        try {
            while (query.step()) {
                byte[] bytes = query.getBlob(0);
                // A context only grows, so the latest that names the origin says all.
                for (ContextEntry entry : contextOf(bytes)) {
                    if (entry.origin().equals(other.origin())) {
                        return entry.seq() >= other.seq();
                    }
                }
            }
            return false;
        } finally {
            query.reset();
        }
    }

    private static Iterable<ContextEntry> contextOf(byte @Nullable [] bytes) {
        if (bytes == null) {
            throw new AssertionError("a log row without bytes");
        }
        return EncodedChangeSet.of(bytes).header().context();
    }
}
