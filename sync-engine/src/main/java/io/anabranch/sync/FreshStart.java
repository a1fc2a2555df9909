// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.store.FreshBeginning;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches everything that a peer holds, as if nothing were here. If the peer fences, the file settles with that. If it holds another
 * history, the file gives it what it lacks of others and begins anew. The file changes only at the end, and only if what the peer
 * <em>delivered</em> bears it out: a claim alone moves nothing. Confined to one thread.
 */
final class FreshStart {
    private static final Logger LOG = LoggerFactory.getLogger(FreshStart.class);
    private static final int MOST_ROUNDS_WITHOUT_PROGRESS = 4;
    private static final long MAX_SEND_BYTES = 2 << 20;

    private final ReplicaFile file;
    private final Transport transport;
    private final Untold untold;

    /** What was fetched: snapshots, of which none stands for all of another, and what the peer holds beyond them. */
    private final List<Snapshot.Id> staged = new ArrayList<>();

    private Heads adopted = Heads.NONE;
    private final List<EncodedChangeSet> tail = new ArrayList<>();
    /** Whether the peer would not take anything before it is held against what it fences by. */
    private boolean fenced;
    /** By what the peer fences. */
    private VersionVector purged = VersionVector.EMPTY;
    /** By what hidden lives may be dropped, once all relays go by the fence. */
    private VersionVector forgotten = VersionVector.EMPTY;

    private Heads theirs = Heads.NONE;
    /** Another origin whose history is not the same on both sides, if it is about one. */
    private @Nullable Origin forked;

    FreshStart(ReplicaFile file, Transport transport, Untold untold) {
        this.file = file;
        this.transport = transport;
        this.untold = untold;
    }

    /**
     * Returns whether the file has settled or begun anew, so that an exchange may go on.
     *
     * @param why what the peer, or this file, could not take
     */
    boolean run(Admission why) {
        Origin self = file.self();
        forked = why instanceof Admission.Fork fork && !fork.origin().equals(self) ? fork.origin() : null;
        fenced = why instanceof Admission.Fenced;
        purged = why instanceof Admission.Fenced fence ? fence.purged() : VersionVector.EMPTY;
        return run();
    }

    private boolean run() {
        Aside.Range want = null;
        Batch gives = Batch.EMPTY;
        file.freshBeginning().forgetFetched();
        int idle = 0;
        while (idle < MOST_ROUNDS_WITHOUT_PROGRESS) {
            SyncReply reply = ask(want, gives);
            if (reply == null || reply.baseUnknown()) {
                return false;
            }
            long before = adopted.vector().countMinus(VersionVector.EMPTY);
            theirs = adopted.with(reply.changes());
            untold.add(held(gives.changeSets(), theirs), 0);
            hear(reply.aside());
            // Of two histories of another origin those take care first who wrote one of them.
            if (forked != null && !file.freshBeginning().mayHaveBranch(forked, theirs)) {
                return false;
            }
            Aside.Range wanted = want;
            want = takeSnapshot(reply.aside());
            boolean movedParts = take(reply.changeSets(), reply.parts());
            boolean moved = movedParts
                    || adopted.vector().countMinus(VersionVector.EMPTY) > before
                    || want != null && (wanted == null || want.from() > wanted.from());
            idle = moved ? 0 : idle + 1;
            if (want == null && adopted.vector().dominates(theirs.vector())) {
                if (fenced && settle()) {
                    return true;
                }
                gives = othersBeyond(reply.waiting());
                if (gives.changeSets().isEmpty() && gives.parts().isEmpty()) {
                    return begin();
                }
            }
        }
        return false;
    }

    private void hear(Aside said) {
        purged = said.purged() == null ? purged : purged.union(said.purged());
        forgotten = said.forgotten() == null ? purged : said.forgotten();
    }

    private static long held(List<EncodedChangeSet> given, Heads theirs) {
        return given.stream()
                .filter(set ->
                        set.header().seq() <= theirs.get(set.header().origin()).seq())
                .count();
    }

    /** Returns whether that was all: not if the peer holds another history as well. */
    private boolean settle() {
        VersionVector before = file.vector();
        boolean settled = file.freshBeginning().settle(staged, tail, purged, forgotten);
        if (settled) {
            untold.add(0, adopted.vector().countMinus(before));
        }
        return settled;
    }

    /** Nothing is given that the peer would fence. */
    private Batch othersBeyond(List<PartsHeld> waiting) {
        return file.purged().dominates(purged)
                ? file.freshBeginning().othersBeyond(theirs.vector(), staged, tail, waiting, MAX_SEND_BYTES)
                : Batch.EMPTY;
    }

    private boolean begin() {
        VersionVector before = file.vector();
        FreshBeginning.Recovered recovered = file.freshBeginning().from(staged, tail, purged, forgotten);
        if (recovered instanceof FreshBeginning.Recovered.Impossible impossible) {
            LOG.warn("{} does not begin anew from {}: {}", file.path(), transport, impossible.why());
            return false;
        }
        // What was said again is new in name only.
        long reissued = ((FreshBeginning.Recovered.Done) recovered).reissued();
        untold.add(0, Math.max(0, file.vector().countMinus(before) - reissued));
        return true;
    }

    /** Asks as somebody who holds just what was fetched. */
    private @Nullable SyncReply ask(Aside.@Nullable Range want, Batch gives) {
        Origin self = file.self();
        VersionVector fence = file.purged();
        SyncRequest request = new SyncRequest(
                self,
                adopted.get(self),
                adopted.sum(),
                null,
                adopted.entries(),
                Responder.MAX_REPLY_BYTES,
                gives.changeSets(),
                file.freshBeginning().fetching(adopted),
                gives.parts(),
                Aside.NOTHING
                        .withWant(want)
                        .withChecked(Aside.hash(purged))
                        // Nor is anything taken that this file would fence.
                        .withPurged(purged.dominates(fence) ? null : fence));
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
                staged.add(part.id());
                adopted = file.freshBeginning().stagedHeads(staged);
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

    /** Takes what came, of which parts come last. Returns whether there were parts that move things on. */
    private boolean take(List<EncodedChangeSet> changeSets, List<Part> parts) {
        for (EncodedChangeSet changeSet : changeSets) {
            if (changeSet.isInParts() && isNew(changeSet)) {
                file.freshBeginning().expect(changeSet);
            } else {
                take(changeSet);
            }
        }
        List<PartsHeld> before =
                parts.isEmpty() ? List.of() : file.freshBeginning().fetching(adopted);
        file.freshBeginning().takeParts(parts).forEach(this::take);
        return !parts.isEmpty() && !before.equals(file.freshBeginning().fetching(adopted));
    }

    private void take(EncodedChangeSet changeSet) {
        if (isNew(changeSet)) {
            tail.add(changeSet);
            adopted = adopted.with(Map.of(changeSet.header().origin(), changeSet.head()));
        }
    }

    private boolean isNew(EncodedChangeSet changeSet) {
        return changeSet.header().seq()
                > adopted.get(changeSet.header().origin()).seq();
    }
}
