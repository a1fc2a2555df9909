// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

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
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.apply.Taken;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A replica's file as others exchange with it; says when they brought something, so that it goes on to others. Thread-safe. */
final class AnsweringPeer implements PeerStore {
    private final ReplicaFile file;
    private final Runnable brought;
    private final Runnable heard;

    /**
     * @param brought what to do when change sets came that were not here
     * @param heard what to do when somebody said what they hold
     */
    AnsweringPeer(ReplicaFile file, Runnable brought, Runnable heard) {
        this.file = file;
        this.brought = brought;
        this.heard = heard;
    }

    @Override
    public Heads heads() {
        return file.heads();
    }

    @Override
    public List<PartsHeld> waiting() {
        return file.waiting();
    }

    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        return file.missing(peer, peerHolds, maxBytes);
    }

    @Override
    public Admission accept(List<EncodedChangeSet> changeSets, List<Part> parts) {
        file.noteHearsay();
        Taken taken = file.take(changeSets, parts);
        if (taken.changeSets() > 0) {
            brought.run();
        }
        return taken.admission();
    }

    @Override
    public void heard(Origin peer, Heads heads) {
        file.heard(peer, heads);
        heard.run();
    }

    @Override
    public Aside.@Nullable Offer offer(VersionVector peer) {
        return file.offer(peer);
    }

    @Override
    public byte[] readSnapshot(Snapshot.Id id, long from, int maxBytes) {
        return file.readSnapshot(id, from, maxBytes);
    }

    @Override
    public long receivedOf(Snapshot.Id id) {
        return file.receivedOf(id);
    }

    @Override
    public void receive(Snapshot.Id id, long from, byte[] bytes) {
        file.noteHearsay();
        file.receive(id, from, bytes);
        if (from + bytes.length == id.sizeBytes()) {
            brought.run();
        }
    }

    @Override
    public VersionVector purged() {
        return file.purged();
    }

    @Override
    public VersionVector forgotten() {
        return file.forgotten();
    }

    @Override
    public boolean mayGive(Aside said, VersionVector theirs) {
        return file.mayGive(said, theirs);
    }

    @Override
    public boolean asks(Origin peer, VersionVector theirs) {
        return file.asks(peer, theirs);
    }

    @Override
    public boolean wants(Aside.Offer offer, VersionVector mine) {
        return file.wants(offer, mine);
    }

    @Override
    public Aside.@Nullable Offer newest() {
        return file.newest();
    }

    @Override
    public void heardDigest(Origin peer, Hash128 sum, DigestPost post) {
        file.heardDigest(peer, sum, post);
    }

    @Override
    public @Nullable Comparison compare(Origin peer, Hash128 sum, DigestPost post) {
        return file.compare(peer, sum, post);
    }
}
