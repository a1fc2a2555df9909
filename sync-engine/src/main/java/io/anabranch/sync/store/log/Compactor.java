// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the log where a snapshot covers it, in the caller's write transaction. What this file wrote and no peer is known to
 * hold stays in the log, snapshot or not: recovery needs it. Confined to one connection.
 */
public final class Compactor {
    private final SqlDatabase db;
    private final Origins origins;
    private final ChangeLog log;
    private final Snapshots snapshots;

    public Compactor(SqlDatabase db, Origins origins, ChangeLog log, Snapshots snapshots) {
        this.db = db;
        this.origins = origins;
        this.log = log;
        this.snapshots = snapshots;
    }

    /** Takes the chunks of a snapshot into the file as they are written. */
    public final class Draft {
        private final long number = snapshots.begin();
        private long at;

        public void chunk(byte[] bytes, String table, @Nullable List<Value> firstKey) {
            snapshots.append(number, at, bytes, table, firstKey);
            at += bytes.length;
        }

        void drop() {
            snapshots.drop(number);
        }

        /** Keeps the snapshot. Returns false if another process has compacted the file meanwhile; then this one is gone. */
        public boolean keep(Snapshot.Id id, Heads heads) {
            return snapshots.keep(number, id, heads);
        }
    }

    /**
     * Cuts the log as far as the kept snapshot covers it.
     *
     * @param held what peers are known to hold: no own change set beyond that is cut
     * @param upTo a peer that has all of this still needs no snapshot afterwards; null to cut all that may be cut
     * @return how many change sets were cut
     */
    public long cut(VersionVector held, @Nullable VersionVector upTo) {
        Snapshots.Kept kept = snapshots.kept();
        if (kept == null) {
            return 0;
        }
        long before = db.queryLong("SELECT count(*) FROM _ab_log");
        for (Map.Entry<Origin, Head> entry : kept.heads().entries().entrySet()) {
            Origin origin = entry.getKey();
            long last = entry.getValue().seq();
            last = origins.isMine(origin) ? Math.min(last, held.get(origin)) : last;
            last = upTo == null ? last : Math.min(last, upTo.get(origin));
            if (last > origins.floor(origin)) {
                log.cut(origin, last);
            }
        }
        return before - db.queryLong("SELECT count(*) FROM _ab_log");
    }
}
