// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One space as it is kept: change sets under (origin, seq), bytes of snapshots, and one small record. Made so that a store of
 * many machines can be its form: nothing here asks for the order of arrival, for a transaction over two calls, or for a scan.
 * What a call did is durable once it returns. Thread-safe.
 */
public interface SpaceStore {
    /** Changes when something that was acknowledged may be lost: a new file, a restored one. */
    Hash128 epoch();

    // ---- Change sets

    /** Returns the last change set of each origin that was ever put here, also of those cut since. */
    Heads heads();

    /** Returns the head of one origin. */
    Head head(Origin origin);

    /** Returns the hash of a change set; null if it is not here. */
    @Nullable
    Hash128 hash(Origin origin, long seq);

    /**
     * Keeps change sets for which the caller knows that they follow what is here: each of one origin after the one before it.
     * One that is here byte for byte, or was and is cut, is passed over. One whose body is in parts waits for the last of them
     * and only then counts. Parts of what waits are kept in their order, others passed over. Waiting may end without notice,
     * to bound it.
     *
     * @return {@link Admission.Next}; or {@link Admission.Fork} if another is here under the same origin and seq, or {@link
     *     Admission.BadPart}, and then nothing of the call was kept
     */
    Admission put(List<EncodedChangeSet> changeSets, List<Part> parts);

    /** Returns change sets of one origin in order from {@code first} on, up to so many bytes, but one if there is one. */
    List<EncodedChangeSet> range(Origin origin, long first, long maxBytes);

    /** Returns where the parts of a change set are that is here. */
    PartSource parts(EncodedChangeSet changeSet);

    /** Returns what is here of change sets whose parts are still coming. */
    List<PartsHeld> waiting();

    /** Forgets the change sets up to {@code floor}; heads stay. A little at a time: others are not kept waiting. */
    void cut(VersionVector floor);

    /** Returns what all of it takes up. Costs O(1). */
    Usage usage();

    // ---- The record

    SpaceRecord record();

    /** Puts a record in the place of the one that the caller read; returns false, and does nothing, if there is another by now. */
    boolean replace(SpaceRecord known, SpaceRecord next);

    // ---- Bytes of snapshots

    /** Returns all of which there are bytes, the one begun first in front. */
    List<Snapshot.Id> blobs();

    /** Returns how many bytes of one are here. */
    long blobLength(Snapshot.Id id);

    /** Appends bytes to one; passes over what does not begin where those that are here end. */
    void appendBlob(Snapshot.Id id, long from, byte[] bytes);

    /** Returns bytes of one: some, and none where there are none. */
    byte[] readBlob(Snapshot.Id id, long from, int maxBytes);

    void dropBlob(Snapshot.Id id);

    // ---- Digests

    /** Of so many replicas the last word is kept at the least. */
    int MOST_POSTS = 10_000;

    /**
     * Keeps what a replica says that its rows come to, where the change sets that it holds have this sum: in place of what it said
     * before. Of more than {@link #MOST_POSTS} those that spoke longest ago may be forgotten.
     */
    void putPost(Origin origin, Hash128 sum, DigestPost post);

    /** Returns what replicas said of the change sets that have this sum, in order of origin. */
    List<Comparison.Other> posts(Hash128 sum);

    // ---- Who speaks for whom

    /**
     * Binds an origin to the family of tokens that claims it, durably, unless it is bound already, or {@code most} are.
     *
     * @return the family that it is bound to now; null if it is not, since so many are
     */
    @Nullable
    String claim(Origin origin, String family, long most);

    /** Returns the family that an origin is bound to; null while nobody claimed it. */
    @Nullable
    String claimant(Origin origin);
}
