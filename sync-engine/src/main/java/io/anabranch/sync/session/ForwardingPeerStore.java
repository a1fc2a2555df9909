// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Another store, asked for everything. Who stands before a store extends this, so that nothing new that a store answers is left out
 * there. As thread-safe as the store.
 */
public class ForwardingPeerStore implements PeerStore {
    private final PeerStore store;

    protected ForwardingPeerStore(PeerStore store) {
        this.store = store;
    }

    @Override
    public Heads heads() {
        return store.heads();
    }

    @Override
    public List<PartsHeld> waiting() {
        return store.waiting();
    }

    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        return store.missing(peer, peerHolds, maxBytes);
    }

    @Override
    public Admission accept(List<EncodedChangeSet> changeSets, List<Part> parts) {
        return store.accept(changeSets, parts);
    }

    @Override
    public void heard(Origin peer, Heads heads) {
        store.heard(peer, heads);
    }

    @Override
    public Aside.@Nullable Offer offer(VersionVector peer) {
        return store.offer(peer);
    }

    @Override
    public Aside.@Nullable Offer newest() {
        return store.newest();
    }

    @Override
    public boolean wants(Aside.Offer offer, VersionVector mine) {
        return store.wants(offer, mine);
    }

    @Override
    public boolean asks(Origin peer, VersionVector theirs) {
        return store.asks(peer, theirs);
    }

    @Override
    public byte[] readSnapshot(Snapshot.Id id, long from, int maxBytes) {
        return store.readSnapshot(id, from, maxBytes);
    }

    @Override
    public long receivedOf(Snapshot.Id id) {
        return store.receivedOf(id);
    }

    @Override
    public void receive(Snapshot.Id id, long from, byte[] bytes) {
        store.receive(id, from, bytes);
    }

    @Override
    public VersionVector purged() {
        return store.purged();
    }

    @Override
    public VersionVector forgotten() {
        return store.forgotten();
    }

    @Override
    public boolean mayGive(Aside said, VersionVector theirs) {
        return store.mayGive(said, theirs);
    }

    @Override
    public void heardPurged(VersionVector theirs) {
        store.heardPurged(theirs);
    }

    @Override
    public List<Aside.Word> words() {
        return store.words();
    }

    @Override
    public void heardWords(List<Aside.Word> words) {
        store.heardWords(words);
    }

    @Override
    public void heardDigest(Origin peer, Hash128 sum, DigestPost post) {
        store.heardDigest(peer, sum, post);
    }

    @Override
    public @Nullable Comparison compare(Origin peer, Hash128 sum, DigestPost post) {
        return store.compare(peer, sum, post);
    }
}
