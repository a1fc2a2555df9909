// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a peer must be able to do: a replica's file, a relay's store. */
public interface PeerStore {
    /** Returns the heads of what is held durably. */
    Heads heads();

    /** Returns what is held of change sets whose parts are still coming. None of it is in the heads. */
    List<PartsHeld> waiting();

    /**
     * Returns what is held and {@code peer} lacks, from the first on, in an order that respects causality.
     *
     * @param peerHolds what the peer has of change sets whose parts are still coming to it; null if that is not known, and then
     *     nothing from the first such change set on
     */
    Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes);

    /** As {@link #missing(VersionVector, List, long)} for a peer that waits for no parts. */
    default Batch missing(VersionVector peer, long maxBytes) {
        return missing(peer, List.of(), maxBytes);
    }

    /**
     * Takes change sets in order, each only if {@link Admission} lets it, and then parts, and returns once all is durable.
     * A change set whose body is in parts is taken with the last of them.
     *
     * @return the first refusal, after which nothing was taken; {@link Admission.Next} if there was none
     */
    Admission accept(List<EncodedChangeSet> changeSets, List<Part> parts);

    /** As {@link #accept(List, List)}, for change sets that carry their bodies themselves. */
    default Admission accept(List<EncodedChangeSet> changeSets) {
        return accept(changeSets, List.of());
    }

    /** Hears what a peer says that it holds. A store that forgets it only keeps more than it must. */
    default void heard(Origin peer, Heads heads) {}

    // ---- Snapshots

    /** Returns the snapshot that a peer needs, because what it lacks is no longer there one by one; null if it is. */
    default Aside.@Nullable Offer offer(VersionVector peer) {
        return null;
    }

    /** Returns the newest snapshot that is kept, for a peer that asks for one; null if there is none. */
    default Aside.@Nullable Offer newest() {
        return null;
    }

    /** Returns whether a snapshot that a peer offers is of use here, where {@code mine} is held. */
    default boolean wants(Aside.Offer offer, VersionVector mine) {
        return !mine.dominates(offer.vector());
    }

    /** Returns whether a peer that holds {@code theirs} is to be asked for a snapshot, to be kept for others. */
    default boolean asks(Origin peer, VersionVector theirs) {
        return false;
    }

    /** Returns bytes of a snapshot that was offered; none if there is another by now. */
    default byte[] readSnapshot(Snapshot.Id id, long from, int maxBytes) {
        return new byte[0];
    }

    /** Returns how many bytes of a peer's snapshot are here already; -1 if none is ever taken. */
    default long receivedOf(Snapshot.Id id) {
        return -1;
    }

    /**
     * Takes bytes of a peer's snapshot that follow those that are here, and all of it with the last of them.
     *
     * @throws DecodeException if it turns out to be none, or another than was promised; nothing of it is kept
     */
    default void receive(Snapshot.Id id, long from, byte[] bytes) {}

    // ---- Purging

    /**
     * Returns the vector by which this side fences: nothing is taken from a replica that may edit what was hidden within it without having
     * seen that, so only what was held against this. Only rises.
     */
    default VersionVector purged() {
        return VersionVector.EMPTY;
    }

    /** Returns what hidden lives may be dropped by: {@link #purged}, or less until all who take change sets go by that. */
    default VersionVector forgotten() {
        return purged();
    }

    /**
     * Returns whether a peer may be given what it lacks. A relay has held everything when it took it; a replica holds it now, if the peer
     * goes by more than it does itself.
     *
     * @param said what the peer said
     * @param theirs what the peer holds
     */
    default boolean mayGive(Aside said, VersionVector theirs) {
        return true;
    }

    /** Hears by what vector a peer purges. A store that lost its own goes by it from now on. */
    default void heardPurged(VersionVector theirs) {}

    // ---- Among relays

    /** Returns what relays said of themselves, this one first; none if this is no relay. */
    default List<Aside.Word> words() {
        return List.of();
    }

    /** Hears what relays said of themselves. */
    default void heardWords(List<Aside.Word> words) {}

    // ---- Digests

    /** Hears what a peer's rows come to where it holds the change sets that have this sum. */
    default void heardDigest(Origin peer, Hash128 sum, DigestPost post) {}

    /**
     * Returns how a peer's digest compares with what others said that hold the same; null if nobody here can tell.
     *
     * @param sum of the peer's heads
     */
    default @Nullable Comparison compare(Origin peer, Hash128 sum, DigestPost post) {
        return null;
    }
}
