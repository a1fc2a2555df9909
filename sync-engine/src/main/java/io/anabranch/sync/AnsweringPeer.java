// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.ForwardingPeerStore;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.apply.Taken;
import java.util.List;

/** A replica's file as others exchange with it; says when they brought something, so that it goes on to others. Thread-safe. */
final class AnsweringPeer extends ForwardingPeerStore {
    private final ReplicaFile file;
    private final Runnable brought;
    private final Runnable heard;

    /**
     * @param brought what to do when change sets came that were not here
     * @param heard what to do when somebody said what they hold
     */
    AnsweringPeer(ReplicaFile file, Runnable brought, Runnable heard) {
        super(file);
        this.file = file;
        this.brought = brought;
        this.heard = heard;
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
        super.heard(peer, heads);
        heard.run();
    }

    @Override
    public void receive(Snapshot.Id id, long from, byte[] bytes) {
        file.noteHearsay();
        super.receive(id, from, bytes);
        if (from + bytes.length == id.sizeBytes()) {
            brought.run();
        }
    }
}
