// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.ClockOffset;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.store.apply.Taken;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A replica's file as the peers of the space see it, and what it remembers of them. Thread-safe. */
final class PeerSide implements PeerStore {
    private static final Logger LOG = LoggerFactory.getLogger(PeerSide.class);
    /** A difference of clocks below this is not worth a write to disk. */
    private static final long NEWS_MILLIS = 500;

    private final Components parts;
    private final Transactions transactions;
    private final Arrivals arrivals;
    private final SnapshotTransfer snapshots;
    private final Fence fence;
    private final Compaction compaction;
    private final Agreement agreement;
    private final LateRows lateRows;
    private final ClockOffset offset = new ClockOffset();
    /** Somebody who asked and could be given nothing. Null if nobody did. */
    private volatile @Nullable Unsettled unsettled;

    /**
     * Somebody to settle with.
     *
     * @param fence by what it fences
     * @param by the snapshot that it offered for that; null if it has not yet. What else comes meanwhile is of others
     */
    private record Unsettled(VersionVector fence, Snapshot.@Nullable Id by) {}

    PeerSide(
            Components parts,
            Transactions transactions,
            Arrivals arrivals,
            SnapshotTransfer snapshots,
            Fence fence,
            LateRows lateRows,
            Compaction compaction,
            Agreement agreement) {
        this.parts = parts;
        this.transactions = transactions;
        this.arrivals = arrivals;
        this.snapshots = snapshots;
        this.fence = fence;
        this.lateRows = lateRows;
        this.compaction = compaction;
        this.agreement = agreement;
    }

    // ---- Change sets

    /** Seals, so that what is captured is held too; durable, since every commit here is synchronous. */
    @Override
    public Heads heads() {
        return transactions.write(() -> {
            parts.seal();
            return parts.origins.heads();
        });
    }

    @Override
    public List<PartsHeld> waiting() {
        return transactions.read(() -> parts.log.parts().waiting(parts.log));
    }

    /** Returns what a peer lacks, after noting outside the file how far this replica's own change sets may have gone. */
    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        synchronized (transactions) {
            Batch batch = transactions.read(() -> parts.log.missing(peer, peerHolds, maxBytes));
            long last = lastOwn(batch);
            if (transactions.look(() -> parts.identity.isNews(last))) {
                transactions.write(() -> parts.identity.expose(last));
            }
            return batch;
        }
    }

    private long lastOwn(Batch batch) {
        Origin self = transactions.look(parts::self);
        long last = 0;
        for (EncodedChangeSet changeSet : batch.changeSets()) {
            if (changeSet.header().origin().equals(self)) {
                last = changeSet.header().seq();
            }
        }
        for (Part part : batch.parts()) {
            last = part.origin().equals(self) ? Math.max(last, part.seq()) : last;
        }
        return last;
    }

    @Override
    public Admission accept(List<EncodedChangeSet> changeSets, List<Part> bodies) {
        return take(changeSets, bodies).admission();
    }

    Taken take(List<EncodedChangeSet> changeSets, List<Part> bodies) {
        Taken taken = arrivals.accept(changeSets, bodies);
        if (taken.admission() instanceof Admission.Next) {
            compaction.boundLog(Compaction.MAX_LOG_RATIO_UNDER_WAY);
        }
        return taken;
    }

    // ---- Snapshots

    @Override
    public Aside.@Nullable Offer offer(VersionVector peer) {
        return snapshots.offer(peer);
    }

    @Override
    public Aside.@Nullable Offer newest() {
        return snapshots.newest();
    }

    @Override
    public byte[] readSnapshot(Snapshot.Id id, long from, int maxBytes) {
        return snapshots.read(id, from, maxBytes);
    }

    @Override
    public long receivedOf(Snapshot.Id id) {
        return snapshots.receivedOf(id);
    }

    @Override
    public void receive(Snapshot.Id id, long from, byte[] bytes) {
        Unsettled with = unsettled;
        if (with == null || !id.equals(with.by)) {
            snapshots.receive(id, from, bytes);
        } else if (snapshots.stageAside(id, from, bytes) == id.sizeBytes()) {
            unsettled = null;
            lateRows.settle(List.of(id), List.of(), with.fence, VersionVector.EMPTY);
        }
    }

    @Override
    public VersionVector purged() {
        return fence.vector();
    }

    @Override
    public VersionVector forgotten() {
        return fence.purged();
    }

    @Override
    public boolean mayGive(Aside said, VersionVector theirs) {
        boolean gives = fence.mayGive(said.checked(), said.purged(), theirs);
        unsettled = gives ? null : unsettled(said);
        return gives;
    }

    /** It does not say by what it fences with each request, nor what it offers. */
    private @Nullable Unsettled unsettled(Aside said) {
        Unsettled before = unsettled;
        VersionVector told = said.purged() == null && before != null ? before.fence : said.purged();
        if (told == null) {
            return null;
        }
        Aside.Offer offer = said.offer();
        if (offer != null && offer.vector().dominates(told)) {
            return new Unsettled(told, offer.id());
        }
        return new Unsettled(told, before == null ? null : before.by);
    }

    @Override
    public boolean asks(Origin peer, VersionVector theirs) {
        return unsettled != null;
    }

    @Override
    public boolean wants(Aside.Offer offer, VersionVector mine) {
        Unsettled with = unsettled;
        return with != null && offer.id().equals(with.by) || PeerStore.super.wants(offer, mine);
    }

    @Override
    public void heardDigest(Origin peer, Hash128 sum, DigestPost post) {
        agreement.heard(peer, sum, post);
    }

    @Override
    public @Nullable Comparison compare(Origin peer, Hash128 sum, DigestPost post) {
        return agreement.compare(peer, sum, post);
    }

    // ---- Peers remembered

    @Override
    public void heard(Origin peer, Heads heads) {
        synchronized (transactions) {
            if (!transactions.look(() -> parts.peers.isKnownOf(peer, heads))) {
                transactions.write(() -> parts.peers.rememberMember(peer, heads, parts.nowMillis()));
            }
            if (heads.sum().equals(transactions.read(parts.origins::sum))) {
                compaction.boundLog(Compaction.MAX_LOG_RATIO); // Nothing more is coming just now.
            }
        }
    }

    /** Returns what a peer held when it last answered; null if it never did. */
    @Nullable
    Heads remembered(String url) {
        return transactions.read(() -> parts.peers.heads(url));
    }

    /** Remembers what a peer held when it answered just now. */
    void remember(String url, Heads heads, SyncReply reply, @Nullable Long clockOffset) {
        synchronized (transactions) {
            long nowMillis = parts.nowMillis();
            if (!transactions.look(() -> parts.peers.isRemembered(url, reply.sum(), nowMillis))) {
                transactions.write(() -> parts.peers.remember(url, heads, reply, clockOffset, nowMillis));
            }
        }
    }

    /** As {@link ReplicaFile#answered}. */
    void answered(long sentMillis, SyncReply reply) {
        synchronized (transactions) {
            if (reply.epoch().equals(Hash128.ZERO)) {
                return; // A replica's clock is as good or bad as this one.
            }
            offset.answered(sentMillis, parts.nowMillis(), reply.timeMillis());
            long known = transactions.look(parts::clockOffsetMillis);
            if (offset.isKnown() && Math.abs(offset.millis() - known) >= NEWS_MILLIS) {
                LOG.info("the clock here is {} ms behind the relay's: writes are stamped accordingly", offset.millis());
                transactions.write(() -> parts.meta.put("clock_offset", offset.millis()));
            }
        }
    }

    /** As {@link ReplicaFile#settled}. */
    void settled() {
        synchronized (transactions) {
            if (!transactions.read(parts.catalog.made()::isHandedOver)) {
                transactions.write(parts.catalog.made()::handOver);
            }
        }
    }
}
