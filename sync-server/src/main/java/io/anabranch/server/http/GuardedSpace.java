// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.access.Right;
import io.anabranch.server.space.Space;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A space as one caller may use it. What it holds is told to all who may read or write; change sets only to readers. For one request. */
final class GuardedSpace implements PeerStore {
    private final Space space;
    private final Caller caller;
    private final Quota quota;
    private final Metrics metrics;
    private final boolean mustMeet;
    private final List<EncodedChangeSet> taken = new ArrayList<>();
    private List<EncodedChangeSet> given = List.of();
    private VersionVector peerHolds = VersionVector.EMPTY;

    /** @param mustMeet whether the relay takes change sets of this caller only once it has met another relay */
    GuardedSpace(Space space, Caller caller, Quota quota, Metrics metrics, boolean mustMeet) {
        this.space = space;
        this.caller = caller;
        this.quota = quota;
        this.metrics = metrics;
        this.mustMeet = mustMeet;
    }

    @Override
    public Heads heads() {
        return space.heads();
    }

    @Override
    public List<PartsHeld> waiting() {
        return space.waiting();
    }

    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        if (!caller.may(Right.READ)) {
            return Batch.EMPTY;
        }
        Batch batch = space.missing(peer, peerHolds, maxBytes);
        metrics.given(batch.changeSets());
        given = batch.changeSets();
        return batch;
    }

    @Override
    public Admission accept(List<EncodedChangeSet> changeSets, List<Part> parts) {
        requireWrite();
        List<EncodedChangeSet> unknown = unknown(changeSets);
        requireMet(unknown);
        quota.requireRoom(space, unknown, parts);
        long began = System.nanoTime();
        Admission admission = space.accept(changeSets, parts);
        if (admission instanceof Admission.Next) {
            taken.addAll(unknown);
            metrics.taken(unknown, Duration.ofNanos(System.nanoTime() - began));
        }
        return admission;
    }

    /** One that begins with an empty file knows nothing of what all others fence by. */
    private void requireMet(List<EncodedChangeSet> unknown) {
        if (!unknown.isEmpty() && mustMeet && !space.hasMetRelay()) {
            throw new Problem(
                            503,
                            "joining",
                            "The relay is joining others",
                            "nothing of the request was taken: this relay has others as its peers and has met none of"
                                    + " them in this space yet. Try again soon, or at another relay; nothing is lost")
                    .header("Retry-After", "5");
        }
    }

    private void requireWrite() {
        if (!caller.may(Right.WRITE)) {
            throw new Problem(
                    403,
                    "read-only",
                    "This token only reads",
                    "nothing of the request was taken: it brings change sets and its token has no right to write. Ask"
                            + " whoever runs the relay for one that has, or take changes only (anabranch sync --pull-only)");
        }
    }

    // ---- Snapshots

    @Override
    public void heard(Origin peer, Heads heads) {
        peerHolds = heads.vector();
        space.heard(peer, heads);
    }

    @Override
    public Aside.@Nullable Offer offer(VersionVector peer) {
        return caller.may(Right.READ) ? space.offer(peer) : null;
    }

    @Override
    public Aside.@Nullable Offer newest() {
        return caller.may(Right.READ) ? space.newest() : null;
    }

    @Override
    public boolean wants(Aside.Offer offer, VersionVector mine) {
        return caller.may(Right.WRITE) && space.wants(offer, mine);
    }

    @Override
    public boolean asks(Origin peer, VersionVector theirs) {
        return caller.may(Right.WRITE) && space.asks(peer, theirs);
    }

    @Override
    public byte[] readSnapshot(Snapshot.Id id, long from, int maxBytes) {
        return caller.may(Right.READ) ? space.readSnapshot(id, from, maxBytes) : new byte[0];
    }

    @Override
    public long receivedOf(Snapshot.Id id) {
        return caller.may(Right.WRITE) ? space.receivedOf(id) : -1;
    }

    @Override
    public void receive(Snapshot.Id id, long from, byte[] bytes) {
        requireWrite();
        quota.requireRoom(space, bytes.length);
        space.receive(id, from, bytes);
    }

    @Override
    public VersionVector purged() {
        return space.purged();
    }

    @Override
    public VersionVector forgotten() {
        return space.forgotten();
    }

    /** What somebody says who may only read moves nothing here. */
    @Override
    public boolean mayGive(Aside said, VersionVector theirs) {
        return space.mayGive(
                caller.may(Right.WRITE) ? said : said.withPurged(null).withoutOffer(), theirs);
    }

    @Override
    public List<Aside.Word> words() {
        return caller.may(Right.READ) && caller.may(Right.WRITE) ? space.words() : List.of();
    }

    @Override
    public void heardWords(List<Aside.Word> words) {
        if (caller.may(Right.WRITE)) {
            space.heardWords(words);
        }
    }

    @Override
    public void heardPurged(VersionVector theirs) {
        if (caller.may(Right.WRITE)) {
            space.heardPurged(theirs);
        }
    }

    // ---- Digests

    /** What a replica's rows come to is its word for those who share its space, like what it writes. */
    @Override
    public void heardDigest(Origin peer, Hash128 sum, DigestPost post) {
        if (caller.may(Right.WRITE)) {
            space.heardDigest(peer, sum, post);
        }
    }

    @Override
    public @Nullable Comparison compare(Origin peer, Hash128 sum, DigestPost post) {
        Comparison comparison = space.compare(peer, sum, post);
        if (comparison != null) {
            metrics.compared(comparison);
        }
        return comparison == null || caller.may(Right.READ) ? comparison : comparison.withoutTables();
    }

    private List<EncodedChangeSet> unknown(List<EncodedChangeSet> changeSets) {
        Heads heads = space.heads();
        List<EncodedChangeSet> unknown = new ArrayList<>(changeSets);
        unknown.removeIf(
                set -> set.header().seq() <= heads.get(set.header().origin()).seq());
        return unknown;
    }

    /** Returns what the caller was given. */
    List<EncodedChangeSet> given() {
        return given;
    }

    /** Returns what the caller said that it holds. */
    VersionVector peerHolds() {
        return peerHolds;
    }

    /** Returns what was taken and had not been here. */
    List<EncodedChangeSet> taken() {
        return taken;
    }
}
