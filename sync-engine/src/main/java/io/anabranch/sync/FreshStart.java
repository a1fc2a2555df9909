// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.store.FreshBeginning;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches everything that a peer holds, as if nothing were here, gives the peer what it lacks of others, and has the file begin
 * anew from that. For when the peer will not take this file's change sets under the name that they have. The file changes only
 * at the end, and only if what the peer <em>delivered</em> bears it out: a claim alone moves nothing. Confined to one thread.
 */
final class FreshStart {
    private static final Logger LOG = LoggerFactory.getLogger(FreshStart.class);
    private static final int MOST_ROUNDS_WITHOUT_PROGRESS = 4;
    private static final long MAX_SEND_BYTES = 2 << 20;

    private final ReplicaFile file;
    private final Transport transport;

    /** What was fetched: a snapshot, and what the peer holds beyond it. */
    private Snapshot.@Nullable Id staged;

    private Heads adopted = Heads.NONE;
    private final List<EncodedChangeSet> tail = new ArrayList<>();
    private VersionVector purged = VersionVector.EMPTY;
    private Heads theirs = Heads.NONE;

    FreshStart(ReplicaFile file, Transport transport) {
        this.file = file;
        this.transport = transport;
    }

    /** Returns whether the file has begun anew. */
    boolean run(VersionVector fence) {
        purged = fence;
        Aside.Range want = null;
        List<EncodedChangeSet> gives = List.of();
        int idle = 0;
        while (idle < MOST_ROUNDS_WITHOUT_PROGRESS) {
            SyncReply reply = ask(want, gives);
            if (reply == null || reply.baseUnknown()) {
                return false;
            }
            long before = adopted.vector().countMinus(VersionVector.EMPTY);
            theirs = adopted.with(reply.changes());
            purged = reply.aside().purged() == null
                    ? purged
                    : purged.union(reply.aside().purged());
            Aside.Range wanted = want;
            want = takeSnapshot(reply.aside());
            take(reply.changeSets());
            boolean moved = adopted.vector().countMinus(VersionVector.EMPTY) > before
                    || want != null && (wanted == null || want.from() > wanted.from());
            idle = moved ? 0 : idle + 1;
            if (want == null && adopted.vector().dominates(theirs.vector())) {
                gives = file.freshBeginning().othersBeyond(theirs.vector(), MAX_SEND_BYTES);
                if (gives.isEmpty()) {
                    return begin();
                }
            }
        }
        return false;
    }

    private boolean begin() {
        FreshBeginning.Recovered recovered = file.freshBeginning().from(staged, tail, purged);
        if (recovered instanceof FreshBeginning.Recovered.Impossible impossible) {
            LOG.warn("{} does not begin anew from {}: {}", file.path(), transport, impossible.why());
            return false;
        }
        return true;
    }

    /** Asks as somebody who holds just what was fetched. */
    private @Nullable SyncReply ask(Aside.@Nullable Range want, List<EncodedChangeSet> gives) {
        Origin self = file.self();
        SyncRequest request = new SyncRequest(
                self,
                adopted.get(self),
                adopted.sum(),
                null,
                adopted.entries(),
                Responder.MAX_REPLY_BYTES,
                gives,
                List.of(),
                List.of(),
                new Aside(null, want, null, null, Aside.hash(purged), false));
        Transport.Result result = transport.exchange(file.space(), MessageCodec.encode(request));
        if (!(result instanceof Transport.Result.Answered answered)) {
            return null;
        }
        try {
            return MessageCodec.decodeReply(answered.reply());
        } catch (DecodeException e) {
            return null;
        }
    }

    /** Stages what came of a snapshot. Returns what to ask for next, null if there is none or it is whole. */
    private Aside.@Nullable Range takeSnapshot(Aside said) {
        Aside.Part part = said.part();
        if (part != null) {
            long received = file.freshBeginning().stage(part.id(), part.from(), part.bytes());
            if (received == part.id().sizeBytes()) {
                staged = part.id();
                adopted = file.freshBeginning().stagedHeads(part.id());
                tail.clear();
                return null;
            }
            return new Aside.Range(part.id(), received);
        }
        Aside.Offer offer = said.offer();
        if (offer == null || adopted.vector().dominates(offer.vector())) {
            return null;
        }
        long received = file.receivedOf(offer.id());
        return new Aside.Range(offer.id(), received < offer.id().sizeBytes() ? received : 0);
    }

    private void take(List<EncodedChangeSet> changeSets) {
        TreeMap<Origin, Head> heads = new TreeMap<>();
        for (EncodedChangeSet changeSet : changeSets) {
            if (changeSet.header().seq()
                    > adopted.get(changeSet.header().origin()).seq()) {
                tail.add(changeSet);
                heads.put(changeSet.header().origin(), changeSet.head());
                adopted = adopted.with(heads);
            }
        }
    }
}
