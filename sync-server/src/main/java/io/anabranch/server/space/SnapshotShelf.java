// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.server.store.SpaceRecord;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.server.store.Usage;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotReader;
import io.anabranch.sync.session.Aside;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of a space, as opaque bytes: a relay reads which change sets one stands for and nothing else. It keeps the
 * newest, and another beside it where neither stands for all of the other. Thread-safe.
 */
final class SnapshotShelf {
    /** So many may be on their way at once, and so many are kept that do not stand for each other. */
    private static final int MOST = 4;

    private static final int PIECE_BYTES = 1 << 20;
    private static final long ASK_AGAIN_AFTER_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final SpaceStore store;
    private final Retention retention;

    /** Who was asked last, and when. Only a saving: two processes may ask two replicas. Guarded by this. */
    private @Nullable Origin asked;

    private long askedAt;

    SnapshotShelf(SpaceStore store, Retention retention) {
        this.store = store;
        this.retention = retention;
    }

    // ---- Giving

    /** Returns one that a peer needs who lacks what was cut; null if the log reaches back far enough. */
    Aside.@Nullable Offer offer(VersionVector peer) {
        SpaceRecord record = store.record();
        if (peer.dominates(record.floor())) {
            return null;
        }
        for (SpaceRecord.Kept kept : record.snapshots()) {
            if (kept.heads().vector().minus(peer).stream()
                    .anyMatch(lacked -> lacked.first() <= record.floor().get(lacked.origin()))) {
                return new Aside.Offer(kept.id(), kept.heads().vector());
            }
        }
        return null;
    }

    /** Returns the newest one; null if there is none. */
    Aside.@Nullable Offer newest() {
        List<SpaceRecord.Kept> kept = store.record().snapshots();
        return kept.isEmpty()
                ? null
                : new Aside.Offer(
                        kept.get(kept.size() - 1).id(),
                        kept.get(kept.size() - 1).heads().vector());
    }

    // ---- Taking

    /** Returns whether this peer, who is up to date, shall make a snapshot: the log has grown beyond what the last stands for. */
    synchronized boolean asks(Origin peer, VersionVector theirs, VersionVector mine) {
        if (!theirs.dominates(mine) || !isDue(mine, store.record())) {
            return false;
        }
        boolean othersTurn =
                asked != null && !asked.equals(peer) && System.nanoTime() - askedAt < ASK_AGAIN_AFTER_NANOS;
        if (!othersTurn) {
            asked = peer;
            askedAt = System.nanoTime();
        }
        return !othersTurn;
    }

    /** A snapshot costs its size: it is due once the log beyond the last is as large, and not tiny. */
    private boolean isDue(VersionVector mine, SpaceRecord record) {
        Usage usage = store.usage();
        long uncovered = mine.countMinus(record.covered().vector());
        long averageBytes = usage.logBytes() / Math.max(1, usage.changeSets());
        long size = record.snapshots().stream()
                .mapToLong(kept -> kept.id().sizeBytes())
                .max()
                .orElse(0);
        return uncovered * averageBytes >= Math.max(retention.snapshotAfterBytes(), size);
    }

    boolean wants(Aside.Offer offer, VersionVector mine) {
        SpaceRecord record = store.record();
        if (record.snapshots().stream().anyMatch(kept -> kept.id().equals(offer.id()))) {
            return false;
        }
        return !mine.dominates(offer.vector())
                || offer.vector().dominates(record.covered().vector()) && isDue(offer.vector(), record);
    }

    /**
     * Takes bytes, and with the last of them the snapshot.
     *
     * @throws DecodeException if it is none, or stands for another history than the one held here
     */
    void receive(Snapshot.Id id, long from, byte[] bytes, Heads mine) {
        if (from == 0) {
            makeRoom();
        }
        store.appendBlob(id, from, bytes);
        if (store.blobLength(id) == id.sizeBytes()) {
            try {
                keep(new SpaceRecord.Kept(id, check(id, mine)));
            } catch (DecodeException e) {
                store.dropBlob(id);
                throw e;
            }
        }
    }

    private void makeRoom() {
        List<Snapshot.Id> coming = coming();
        for (Snapshot.Id eldest : coming.subList(0, Math.max(0, coming.size() - MOST + 1))) {
            store.dropBlob(eldest);
        }
    }

    private List<Snapshot.Id> coming() {
        List<Snapshot.Id> coming = new ArrayList<>(store.blobs());
        store.record().snapshots().forEach(kept -> coming.remove(kept.id()));
        return coming;
    }

    private Heads check(Snapshot.Id id, Heads mine) {
        Hash128 hash = SnapshotReader.hash(pieces(id), id.sizeBytes());
        if (!hash.equals(id.hash())) {
            throw new DecodeException(0, "a snapshot with hash " + id.hash(), "one with " + hash);
        }
        List<Heads> heads = new ArrayList<>();
        SnapshotReader.readHead(pieces(id), head -> heads.add(head.heads()));
        for (Map.Entry<Origin, Head> entry : heads.get(0).entries().entrySet()) {
            requireSameHistory(entry.getKey(), entry.getValue(), mine.get(entry.getKey()));
        }
        return heads.get(0);
    }

    private void requireSameHistory(Origin origin, Head theirs, Head mine) {
        Hash128 known = theirs.seq() == mine.seq() ? mine.hash() : store.hash(origin, theirs.seq());
        if (theirs.seq() <= mine.seq() && known != null && !known.equals(theirs.hash())) {
            throw new DecodeException(0, "the history of " + origin + " that is held here", "another");
        }
    }

    private void keep(SpaceRecord.Kept next) {
        VersionVector vector = next.heads().vector();
        SpaceRecord now = SpaceKeeper.update(store, record -> {
            VersionVector jumped = record.floor().union(jumpedOver(next.heads()));
            List<SpaceRecord.Kept> kept = new ArrayList<>(record.snapshots());
            kept.removeIf(each -> vector.dominates(each.heads().vector()));
            boolean isNews = kept.size() < MOST
                    && kept.stream().noneMatch(each -> each.heads().vector().dominates(vector));
            if (!isNews) {
                return record;
            }
            kept.add(next);
            return record.withSnapshots(kept).withFloor(jumped);
        });
        store.cut(now.floor());
        List<Snapshot.Id> unused = coming();
        unused.removeIf(id -> store.blobLength(id) < id.sizeBytes());
        unused.forEach(store::dropBlob);
    }

    /** What the snapshot stands for and was never in the log: from now on its place is below the floor. */
    private VersionVector jumpedOver(Heads heads) {
        VersionVector jumped = VersionVector.EMPTY;
        for (Map.Entry<Origin, Head> entry : heads.entries().entrySet()) {
            if (entry.getValue().seq() > store.head(entry.getKey()).seq()) {
                jumped = jumped.with(entry.getKey(), entry.getValue().seq());
            }
        }
        return jumped;
    }

    private Iterator<byte[]> pieces(Snapshot.Id id) {
        return new Iterator<>() {
            private long at;
            private byte[] next = store.readBlob(id, 0, PIECE_BYTES);

            @Override
            public boolean hasNext() {
                return next.length > 0;
            }

            @Override
            public byte[] next() {
                byte[] current = next;
                if (current.length == 0) {
                    throw new NoSuchElementException();
                }
                at += current.length;
                next = store.readBlob(id, at, PIECE_BYTES);
                return current;
            }
        };
    }
}
