// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.store.SpaceRecord;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.server.store.Usage;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.BatchBuilder;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One space of a relay: takes change sets that fit, gives those that a peer lacks in causal order, and keeps snapshots for those
 * who lack what was cut. What it accepts is durable once {@link #accept} returns. All it knows is in the store, so any number of
 * processes over one store are one relay. Thread-safe.
 */
public final class RelaySpace implements Space {
    private final SpaceStore store;
    private final SnapshotShelf shelf;
    private final SpaceKeeper keeper;
    private final RelayWords relays;

    RelaySpace(Origin self, SpaceStore store, Retention retention) {
        this.store = store;
        this.shelf = new SnapshotShelf(store, retention);
        this.keeper = new SpaceKeeper(self, store, retention);
        this.relays = new RelayWords(self, store);
    }

    @Override
    public Hash128 epoch() {
        return store.epoch();
    }

    @Override
    public Usage usage() {
        return store.usage();
    }

    @Override
    public @Nullable String claim(Origin origin, String family, long most) {
        return store.claim(origin, family, most);
    }

    @Override
    public @Nullable String claimant(Origin origin) {
        return store.claimant(origin);
    }

    SpaceRecord record() {
        return store.record();
    }

    /** What is in no log here a snapshot may stand for. */
    @Override
    public Heads heads() {
        // The record last: what was put needs at most what was covered by then.
        Heads put = store.heads();
        return SpaceRecord.furthest(put, store.record().covered());
    }

    @Override
    public List<PartsHeld> waiting() {
        List<PartsHeld> waiting = new ArrayList<>(store.waiting());
        if (!waiting.isEmpty()) {
            Heads heads = heads();
            waiting.removeIf(held -> heads.get(held.origin()).seq() + 1 != held.seq());
        }
        return waiting;
    }

    // ---- Giving

    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        VersionVector held = heads().vector();
        if (peer.dominates(held) || !peer.dominates(store.record().floor())) {
            return Batch.EMPTY; // A tail would pretend to be whole: who lacks what was cut needs a snapshot.
        }
        return new CausalOrder(store, held, peer, new BatchBuilder(peerHolds, maxBytes)).fill();
    }

    // ---- Taking

    @Override
    public Admission accept(List<EncodedChangeSet> changeSets, List<Part> parts) {
        Taking taking = new Taking(store.record().covered());
        List<EncodedChangeSet> fitting = new ArrayList<>();
        for (EncodedChangeSet changeSet : changeSets) {
            Admission admission = Admission.of(changeSet, taking);
            if (admission instanceof Admission.Next) {
                fitting.add(changeSet);
                taking.add(changeSet);
            } else if (!(admission instanceof Admission.Known)) {
                return admission;
            }
        }
        // What fits now fits for ever, or is there: heads only rise, and a store refuses another under the same name.
        return fitting.isEmpty() && parts.isEmpty() ? new Admission.Next() : store.put(fitting, parts);
    }

    /** What is held, and what of one request was found to fit. */
    private final class Taking implements Admission.History {
        private final Heads covered;
        private final Map<Origin, Head> heads = new HashMap<>();
        private final Map<Origin, Map<Long, Hash128>> hashes = new HashMap<>();

        Taking(Heads covered) {
            this.covered = covered;
        }

        @Override
        public Head head(Origin origin) {
            return heads.computeIfAbsent(origin, each -> {
                Head kept = store.head(each);
                Head jumped = covered.get(each);
                return jumped.seq() > kept.seq() ? jumped : kept;
            });
        }

        @Override
        public @Nullable Hash128 hash(Origin origin, long seq) {
            Hash128 taken = hashes.getOrDefault(origin, Map.of()).get(seq);
            Head jumped = covered.get(origin);
            return taken != null ? taken : jumped.seq() == seq ? jumped.hash() : store.hash(origin, seq);
        }

        /** One that waits for its parts is not held yet. */
        void add(EncodedChangeSet changeSet) {
            if (!changeSet.isInParts()) {
                Origin origin = changeSet.header().origin();
                heads.put(origin, changeSet.head());
                hashes.computeIfAbsent(origin, each -> new HashMap<>())
                        .put(changeSet.header().seq(), changeSet.hash());
            }
        }
    }

    // ---- Snapshots

    @Override
    public Aside.@Nullable Offer offer(VersionVector peer) {
        return shelf.offer(peer);
    }

    @Override
    public Aside.@Nullable Offer newest() {
        return shelf.newest();
    }

    @Override
    public boolean wants(Aside.Offer offer, VersionVector mine) {
        return shelf.wants(offer, mine);
    }

    @Override
    public boolean asks(Origin peer, VersionVector theirs) {
        return shelf.asks(peer, theirs, heads().vector());
    }

    @Override
    public byte[] readSnapshot(Snapshot.Id id, long from, int maxBytes) {
        return store.readBlob(id, from, maxBytes);
    }

    @Override
    public long receivedOf(Snapshot.Id id) {
        return store.blobLength(id);
    }

    @Override
    public void receive(Snapshot.Id id, long from, byte[] bytes) {
        shelf.receive(id, from, bytes, heads());
    }

    // ---- Digests

    @Override
    public void heardDigest(Origin peer, Hash128 sum, DigestPost post) {
        store.putPost(peer, sum, post);
    }

    @Override
    public Comparison compare(Origin peer, Hash128 sum, DigestPost post) {
        return Comparison.of(peer, post, store.posts(sum));
    }

    @Override
    public List<Comparison.Other> posts(Hash128 sum) {
        return store.posts(sum);
    }

    // ---- Keeping

    @Override
    public VersionVector purged() {
        return store.record().fence();
    }

    @Override
    public VersionVector forgotten() {
        return store.record().purged();
    }

    @Override
    public void heardPurged(VersionVector theirs) {
        keeper.fenceBy(theirs, heads().vector());
    }

    @Override
    public List<Aside.Word> words() {
        return relays.words(heads().vector());
    }

    @Override
    public void heardWords(List<Aside.Word> words) {
        relays.hear(words, heads().vector());
    }

    @Override
    public List<OtherRelay> relays() {
        return relays.relays();
    }

    @Override
    public boolean forget(Origin peer) {
        return relays.forget(peer);
    }

    @Override
    public boolean isForgotten(Origin relay) {
        return relays.isForgotten(relay);
    }

    /** Returns whether this relay has ever held all that another held, and so goes by what all relays forget by. */
    @Override
    public boolean hasMetRelay() {
        return relays.hasMetRelay();
    }

    /** Does what time brings: marks what is held, lets replicas forget what is old, cuts the log. To be called now and then. */
    public void tend(long nowMillis) {
        keeper.tend(heads().vector(), nowMillis);
    }
}
