// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotReader;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.store.log.Compactor;
import io.anabranch.sync.store.log.Snapshots;
import io.anabranch.sync.store.snapshot.SnapshotJoin;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gives the snapshot that is kept here to peers, and takes theirs, piece by piece. Thread-safe. */
final class SnapshotTransfer {
    private final Components parts;
    private final Transactions transactions;
    private final Arrivals arrivals;

    SnapshotTransfer(Components parts, Transactions transactions, Arrivals arrivals) {
        this.parts = parts;
        this.transactions = transactions;
        this.arrivals = arrivals;
    }

    // ---- Giving

    /** Returns the snapshot that a peer needs, because the log no longer reaches back to what it lacks; null if it does. */
    Aside.@Nullable Offer offer(VersionVector peer) {
        return transactions.read(() -> {
            Snapshots.Kept kept = parts.log.reaches(peer) ? null : parts.snapshots.kept();
            return kept == null ? null : new Aside.Offer(kept.id(), kept.heads().vector());
        });
    }

    /** Returns the snapshot that is kept; null if there is none. */
    Aside.@Nullable Offer newest() {
        return transactions.read(() -> {
            Snapshots.Kept kept = parts.snapshots.kept();
            return kept == null ? null : new Aside.Offer(kept.id(), kept.heads().vector());
        });
    }

    byte[] read(Snapshot.Id id, long from, int maxBytes) {
        return transactions.read(() -> {
            Snapshots.Kept kept = parts.snapshots.kept();
            return kept == null || !kept.id().equals(id)
                    ? new byte[0]
                    : parts.snapshots.read(kept.number(), from, maxBytes);
        });
    }

    // ---- Taking

    long receivedOf(Snapshot.Id id) {
        return transactions.read(() -> parts.snapshots.length(parts.snapshots.receiving(id)));
    }

    void receive(Snapshot.Id id, long from, byte[] bytes) {
        synchronized (transactions) {
            if (stage(id, from, bytes) == id.sizeBytes()) {
                join(id);
            }
        }
    }

    /** Stages bytes of a peer's snapshot, if they follow those that are here. Returns how many are here now. */
    long stage(Snapshot.Id id, long from, byte[] bytes) {
        return transactions.write(() -> {
            long number = parts.snapshots.receive(id);
            long length = parts.snapshots.length(number);
            if (from == length && length + bytes.length <= id.sizeBytes() && bytes.length > 0) {
                parts.snapshots.append(number, from, bytes, "", null);
                return length + bytes.length;
            }
            return length;
        });
    }

    /**
     * As {@link #stage}, of a snapshot that is not joined at once: once it is whole it is checked and set aside.
     *
     * @throws DecodeException if its bytes are not those that were promised
     */
    long stageAside(Snapshot.Id id, long from, byte[] bytes) {
        synchronized (transactions) {
            long received = stage(id, from, bytes);
            if (received == id.sizeBytes()) {
                long number = transactions.read(() -> parts.snapshots.receiving(id));
                check(number, id);
                transactions.write(() -> parts.snapshots.setAside(number));
            }
            return received;
        }
    }

    void dropAside() {
        transactions.write(parts.snapshots::dropAside);
    }

    /** Returns what snapshots that were set aside stand for, together. */
    Heads headsAside(List<Snapshot.Id> ids) {
        return transactions.read(() -> headsOf(numbersAside(ids)));
    }

    /**
     * Returns the numbers of snapshots that were set aside, inside a transaction.
     *
     * @throws SyncException if one of them is gone: another process has begun anew meanwhile
     */
    List<Long> numbersAside(List<Snapshot.Id> ids) {
        List<Long> numbers = new ArrayList<>();
        for (Snapshot.Id id : ids) {
            long number = parts.snapshots.aside(id);
            if (number == 0) {
                throw new SyncException("a snapshot that was fetched to settle with a peer is gone from " + parts.path
                        + ", since another process did so meanwhile; nothing was changed, sync again");
            }
            numbers.add(number);
        }
        return numbers;
    }

    /** Returns what snapshots stand for, together, inside a transaction. */
    Heads headsOf(List<Long> numbers) {
        Heads heads = Heads.NONE;
        for (long number : numbers) {
            heads = heads.furthest(parts.snapshots.readHeads(number));
        }
        return heads;
    }

    private void check(long number, Snapshot.Id id) {
        Hash128 hash = transactions.read(() -> SnapshotReader.hash(parts.snapshots.parts(number), id.sizeBytes()));
        if (!hash.equals(id.hash())) {
            throw new DecodeException(0, "a snapshot with hash " + id.hash(), "one with " + hash);
        }
    }

    private void join(Snapshot.Id id) {
        long number = transactions.read(() -> parts.snapshots.receiving(id));
        try {
            check(number, id);
            arrivals.showing(unruly -> join(number, unruly));
        } finally {
            transactions.write(() -> parts.snapshots.drop(number));
        }
    }

    /** Joins a peer's snapshot that was staged whole, in the caller's write transaction. */
    List<RowChange> join(long number, Set<String> unruly) {
        Origin self = parts.self();
        long ownSeq = parts.origins.head(self).seq();
        SnapshotJoin join = parts.snapshotJoin(unruly);
        if (join.join(parts.snapshots.parts(number))) {
            // What was jumped over is in no log: from now on a snapshot of the whole has to stand for it.
            Compactor.Draft draft = parts.compactor.new Draft();
            Snapshot.Id kept = parts.snapshotBuilder().write(draft::chunk);
            draft.keep(kept, parts.origins.heads());
            join.jumped().forEach(parts.log::cut);
            parts.rows.forget();
            arrivals.renewIfOlder(self, ownSeq);
        }
        return join.changes();
    }
}
