// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the writer of a change set had seen, read from the contexts in the log. For reports to people alone: no merge rule
 * reads a context. Confined to one connection.
 */
final class WriterContext {
    private final SqlDatabase db;
    /** Whose context was asked for last; many rows of one change set ask for the same. */
    private @Nullable Dot writer;

    private final Map<Origin, Long> seen = new HashMap<>();

    WriterContext(SqlDatabase db) {
        this.db = db;
    }

    /**
     * Returns whether the writer of {@code dot} had seen {@code other}. False where the log does not reach back far enough to
     * know. Costs O(change sets of that origin since it last heard of the other's), once for the rows of a change set.
     */
    boolean hadSeen(Dot dot, Dot other) {
        if (dot.origin().equals(other.origin())) {
            return dot.seq() > other.seq();
        }
        if (!dot.equals(writer)) {
            writer = dot;
            seen.clear();
        }
        return seen.computeIfAbsent(other.origin(), origin -> lastSeen(dot, origin)) >= other.seq();
    }

    /** Returns the last change set of {@code other} that the writer of {@code dot} had seen; 0 if none is known. */
    private long lastSeen(Dot dot, Origin other) {
        SqlStatement query = db.prepare("SELECT l.bytes FROM _ab_log AS l JOIN _ab_origin AS o ON o.id = l.origin"
                        + " WHERE o.origin = ? AND l.seq <= ? ORDER BY l.seq DESC")
                .bind(1, dot.origin().bytes())
                .bind(2, dot.seq());
        try {
            while (query.step()) {
                byte[] bytes = query.getBlob(0);
                // A context only grows, so the latest that names the origin says all.
                for (ContextEntry entry : contextOf(bytes)) {
                    if (entry.origin().equals(other)) {
                        return entry.seq();
                    }
                }
            }
            return 0;
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
