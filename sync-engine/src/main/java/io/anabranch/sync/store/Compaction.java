// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.CompactReport;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.Compactor;
import io.anabranch.sync.store.log.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps the file small: snapshots, cuts of the log, and hidden lives that may go. Thread-safe. */
final class Compaction {
    private static final int MAX_QUIET_ATTEMPTS = 3;

    /** A log smaller than this is never cut unasked. */
    private static final long MIN_LOG_BYTES = 64 << 10;
    /**
     * How large the log may be, next to all else in the file, before it is cut unasked. Each snapshot reads and writes all that
     * the file shows, so a tenth would make an update pay for ten of its size.
     */
    static final double MAX_LOG_RATIO = 0.4;
    /** The same for a log that goes back to the beginning: of rows that were written once, a snapshot is no shorter. */
    private static final double MAX_WHOLE_LOG_RATIO = 0.7;
    /** While much is coming: each snapshot costs O(file). */
    static final double MAX_LOG_RATIO_UNDER_WAY = 1.0;

    /** A peer heard of within 30 days gets what it lacks from the log, if there is room for that. */
    private static final long LATELY_MILLIS = 30L * 24 * 3600 * 1000;

    private final Components parts;
    private final Transactions transactions;
    private final Supplier<ReplicaFile> anotherConnection;
    private final MatrixCut matrix;

    /** @param anotherConnection opens one, by which the file is read while this one writes */
    Compaction(Components parts, Transactions transactions, Supplier<ReplicaFile> anotherConnection) {
        this.parts = parts;
        this.transactions = transactions;
        this.anotherConnection = anotherConnection;
        this.matrix = new MatrixCut(parts);
    }

    /** As {@link ReplicaFile#compact}. */
    CompactReport compact() {
        long before = sizeOnDisk();
        Removed removed = compactLog();
        synchronized (transactions) {
            try {
                parts.db.execute("VACUUM");
                parts.db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            } catch (SqlException e) {
                throw Failures.of("compact", parts.path, e);
            }
        }
        List<Origin> waitingFor = transactions.read(() -> matrix.lagging(parts.purger.needed()));
        return new CompactReport(before, sizeOnDisk(), removed.changeSetsCut, removed.livesPurged, waitingFor);
    }

    /** What leaves the file. */
    private record Removed(long changeSetsCut, long livesPurged) {}

    private Removed compactLog() {
        synchronized (transactions) {
            long purged = transactions.write(() -> {
                parts.seal();
                return purge();
            });
            makeSnapshot();
            return new Removed(transactions.write(() -> cut(null)), purged);
        }
    }

    private long purge() {
        VersionVector now = matrix.members().isEmpty() ? parts.origins.heads().vector() : parts.log.telling();
        parts.purger.mark(now);
        if (matrix.isUnsaid(now)) {
            parts.sealer.acknowledge(parts.self(), parts.correctedMillis());
        }
        // Each for itself: what one half of a vector covers here and the other there, nobody has seen whole.
        return parts.purger.purge(parts.meta.getVector("purged")) + parts.purger.purge(matrix.covered());
    }

    /** As {@link ReplicaFile#setMembers}. */
    void setMembers(Set<Origin> members) {
        transactions.write(() -> matrix.setMembers(members));
    }

    /** As {@link ReplicaFile#forgetPeer}. */
    boolean forgetPeer(String url, @Nullable Origin origin) {
        return transactions.write(() -> {
            boolean known = parts.peers.forget(url, origin);
            Set<Origin> members = matrix.members();
            boolean named = origin != null && members.remove(origin);
            if (named) {
                matrix.setMembers(members);
            }
            return known || named;
        });
    }

    /** As {@link ReplicaFile#boundLog}, for a log that may be {@code ratio} of all else in the file. */
    void boundLog(double ratio) {
        synchronized (transactions) {
            long most = transactions.read(() -> mostLogBytes(ratio));
            if (parts.log.sizeBytes() <= most) {
                return;
            }
            transactions.write(this::purge);
            makeSnapshot();
            transactions.write(() -> {
                cut(heldByAll());
                return parts.log.sizeBytes() > most ? cut(null) : 0;
            });
        }
    }

    private long mostLogBytes(double ratio) {
        long pages = parts.db.queryLong("PRAGMA page_count") - parts.db.queryLong("PRAGMA freelist_count");
        long state = pages * parts.db.queryLong("PRAGMA page_size") - parts.log.sizeBytes();
        double most = parts.snapshots.kept() == null ? Math.max(ratio, MAX_WHOLE_LOG_RATIO) : ratio;
        return Math.max(MIN_LOG_BYTES, (long) (state * most));
    }

    private long cut(@Nullable VersionVector upTo) {
        Origin self = parts.self();
        VersionVector before = parts.meta.getVector("context");
        long head = parts.origins.head(self).seq();
        VersionVector acknowledged = acknowledged();
        long last = Math.min(head, acknowledged.get(self));
        if (last > parts.origins.floor(self)) {
            // What the cut change sets' writer had seen: those that stay only say what was new to them.
            parts.meta.put("context", parts.log.context(self, last, before));
        }
        long cut = parts.compactor.cut(acknowledged, upTo);
        parts.rows.forget(); // It may have been reading what was cut.
        return cut;
    }

    /** Returns what all peers hold that were heard of lately. */
    private VersionVector heldByAll() {
        VersionVector least = parts.origins.heads().vector();
        for (Heads known : parts.peers.ofMembers().values()) {
            least = least.intersection(known.vector());
        }
        for (ReplicaFile.Peer peer : parts.peers.all()) {
            if (parts.nowMillis() - peer.lastExchangeMillis() < LATELY_MILLIS) {
                least = least.intersection(peer.heads().vector());
            }
        }
        return least;
    }

    private VersionVector acknowledged() {
        VersionVector all = VersionVector.EMPTY;
        for (Heads known : parts.peers.known()) {
            all = all.union(known.vector());
        }
        return all;
    }

    // ---- Snapshots

    /** As {@link ReplicaFile#publishSnapshot}. */
    void publishSnapshot() {
        synchronized (transactions) {
            Snapshots.Kept kept = transactions.read(parts.snapshots::kept);
            if (kept == null || !kept.heads().equals(transactions.read(parts.origins::heads))) {
                makeSnapshot();
            }
        }
    }

    /** Makes a snapshot of the file as it is and keeps it. */
    private void makeSnapshot() {
        if (readersLetWrite() && makeSnapshotBeside()) {
            return;
        }
        transactions.write(() -> {
            parts.seal();
            Compactor.Draft draft = parts.compactor.new Draft();
            return draft.keep(parts.snapshotBuilder().write(draft::chunk), parts.origins.heads());
        });
    }

    /** Returns whether another connection may read while this one writes: not without a write-ahead log, as in memory. */
    private boolean readersLetWrite() {
        return transactions.look(() -> {
            SqlStatement query = parts.db.prepare("PRAGMA journal_mode");
            boolean isWriteAhead = query.step() && "wal".equals(query.getText(0));
            query.reset();
            return isWriteAhead;
        });
    }

    private boolean makeSnapshotBeside() {
        try (ReplicaFile reader = anotherConnection.get()) {
            for (int attempt = 0; attempt < MAX_QUIET_ATTEMPTS; attempt++) {
                transactions.write(parts::seal);
                if (makeSnapshotBeside(reader)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Writes a snapshot as another connection sees the file, so that writers need not wait.
     *
     * @return false if something was captured meanwhile, whose columns no longer show what was sealed
     */
    private boolean makeSnapshotBeside(ReplicaFile reader) {
        return reader.transactions().read(() -> {
            Components theirs = reader.components();
            if (theirs.sealer.pending() > 0) {
                return false;
            }
            Compactor.Draft draft = transactions.write(() -> parts.compactor.new Draft());
            Snapshot.Id id = theirs.snapshotBuilder()
                    .write((bytes, table, firstKey) -> transactions.write(() -> draft.chunk(bytes, table, firstKey)));
            return transactions.write(() -> draft.keep(id, theirs.origins.heads()));
        });
    }

    // ---- The file

    private long sizeOnDisk() {
        return size(parts.path) + size(parts.path.resolveSibling(parts.path.getFileName() + "-wal"));
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
