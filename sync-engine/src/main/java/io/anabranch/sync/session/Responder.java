// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.PartsHeld;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answering side of an exchange: takes what the request brings, answers with what it lacks. Holds nothing between
 * two requests, so any of several processes over one store may answer. Immutable.
 */
public final class Responder {
    /** How many bytes of change sets a reply carries at most, unless the request asks for less. */
    public static final long MAX_REPLY_BYTES = 4 << 20;

    private final Origin peer;
    private final Hash128 epoch;

    public Responder(Origin peer, Hash128 epoch) {
        this.peer = peer;
        this.epoch = epoch;
    }

    /** Returns a reply, or why nothing of the request was taken. */
    public Answer answer(SyncRequest request, PeerStore store, BaseVectors bases, long nowMillis) {
        Heads theirs = resolve(request, bases);
        if (theirs == null) {
            return new Answer.Replied(new SyncReply(
                    peer,
                    epoch,
                    nowMillis,
                    true,
                    Hash128.ZERO,
                    Heads.NONE.entries(),
                    Head.NONE,
                    Batch.EMPTY.changeSets(),
                    false));
        }
        Admission.Fork fork = forkBetween(theirs, store.heads());
        if (fork != null) {
            return new Answer.Refused(fork);
        }
        Aside said = request.aside();
        if (said.purged() != null) {
            store.heardPurged(said.purged());
        }
        VersionVector purged = store.purged();
        boolean fenced = isFenced(request, purged);
        if (!fenced) {
            takePart(said.part(), store);
        }
        boolean brings = !request.changeSets().isEmpty() || !request.parts().isEmpty();
        if (brings && !fenced) {
            Admission refusal = store.accept(request.changeSets(), request.parts());
            if (!(refusal instanceof Admission.Next)) {
                return new Answer.Refused(refusal);
            }
        }
        store.heard(request.origin(), theirs);
        if (!said.words().isEmpty()) {
            store.heardWords(said.words());
        }
        Comparison compared = compare(request, store);
        // Before the heads: whoever forgets by it first takes all that was held by then.
        VersionVector forgotten = store.forgotten();
        Heads mine = store.heads();
        long maxBytes = Math.min(request.maxReplyBytes(), MAX_REPLY_BYTES);
        Batch found = maxBytes == 0 ? Batch.EMPTY : store.missing(theirs.vector(), request.waiting(), maxBytes);
        // After it: what comes in meanwhile is then either not given or held against the asker's fence too.
        boolean gives = store.mayGive(said, theirs.vector());
        Batch batch = gives ? found : Batch.EMPTY;
        bases.remember(mine);
        Aside aside = Asides.about(gives ? said : said.withoutWant(), store, theirs.vector(), mine.vector());
        aside = gives ? aside : aside.withoutOffer();
        Hash128 purgedHash = Aside.hash(purged);
        // Who goes by one is told even that there is none: it knows what was lost here.
        boolean tellsPurged = !Objects.equals(purgedHash, said.checked());
        aside = aside.withPurged(tellsPurged ? purged : null)
                .withForgotten(purged.equals(forgotten) ? null : forgotten)
                .withAsks(store.asks(request.origin(), theirs.vector()))
                .withWords(said.words().isEmpty() ? List.of() : store.words())
                .withCompared(compared);
        return new Answer.Replied(new SyncReply(
                peer,
                epoch,
                nowMillis,
                false,
                mine.sum(),
                mine.changesFrom(theirs),
                mine.get(request.origin()),
                batch.changeSets(),
                batch.more(),
                waitingFor(theirs, store),
                batch.parts(),
                fenced ? aside.withFenced() : aside));
    }

    /**
     * What a replica brings is taken only if it has held that against the purge vector: one whose writer had not seen all of that may
     * edit what is forgotten here. A replica knows what it had seen itself, and whether it passes on what others wrote; what a relay
     * brings was held when the relay took it.
     */
    private static boolean isFenced(SyncRequest request, VersionVector purged) {
        Aside said = request.aside();
        boolean brings = !request.changeSets().isEmpty() || !request.parts().isEmpty() || said.part() != null;
        boolean isRelay = !said.words().isEmpty();
        return brings && !isRelay && !purged.isEmpty() && !Objects.equals(Aside.hash(purged), said.checked());
    }

    private static @Nullable Comparison compare(SyncRequest request, PeerStore store) {
        DigestPost post = request.aside().digest();
        if (post == null) {
            return null;
        }
        store.heardDigest(request.origin(), request.sum(), post);
        return store.compare(request.origin(), request.sum(), post);
    }

    private static void takePart(Aside.@Nullable Part part, PeerStore store) {
        if (part == null || store.receivedOf(part.id()) < 0) {
            return;
        }
        try {
            store.receive(part.id(), part.from(), part.bytes());
        } catch (DecodeException e) {
            // Not what it was said to be. It is dropped; the sender sees that it is wanted from the start.
            return;
        }
    }

    /** Returns what the sender can complete. */
    static List<PartsHeld> waitingFor(Heads theirs, PeerStore store) {
        List<PartsHeld> waiting = new ArrayList<>(store.waiting());
        waiting.removeIf(held -> theirs.get(held.origin()).seq() < held.seq());
        return waiting;
    }

    /** Returns the sender's heads, or null if they cannot be told from the request. */
    private static @Nullable Heads resolve(SyncRequest request, BaseVectors bases) {
        Heads base = request.base() == null ? Heads.NONE : bases.find(request.base());
        if (base == null) {
            return null;
        }
        Heads theirs = request.heads(base);
        return theirs.sum().equals(request.sum()) ? theirs : null;
    }

    /** Returns the first origin of which the two hold different histories of one length. */
    static Admission.@Nullable Fork forkBetween(Heads a, Heads b) {
        for (var entry : a.entries().entrySet()) {
            Head other = b.get(entry.getKey());
            if (other.seq() == entry.getValue().seq() && !other.equals(entry.getValue())) {
                return new Admission.Fork(entry.getKey(), other.seq());
            }
        }
        return null;
    }

    /** What came of a request. */
    public sealed interface Answer {
        record Replied(SyncReply reply) implements Answer {}

        record Refused(Admission why) implements Answer {}
    }
}
