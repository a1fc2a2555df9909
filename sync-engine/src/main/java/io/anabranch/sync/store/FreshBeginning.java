// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.store.apply.Applier;
import io.anabranch.sync.store.log.Compactor;
import io.anabranch.sync.store.log.PartStore;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.snapshot.SnapshotJoin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a file anew from everything that a peer holds, and says again under another origin what this file wrote and the peer
 * does not hold. For when the peer holds another history of this origin. Where it only fences, {@link LateRows} does instead what is
 * needed, with what is fetched here. Thread-safe.
 */
public final class FreshBeginning {
    private static final Logger LOG = LoggerFactory.getLogger(FreshBeginning.class);

    private final Components parts;
    private final Transactions transactions;
    private final Arrivals arrivals;
    private final SnapshotTransfer snapshots;
    private final LateRows lateRows;
    /** Parts of the peer's change sets, until all is fetched. */
    private final PartStore fetched;

    FreshBeginning(
            Components parts,
            Transactions transactions,
            Arrivals arrivals,
            SnapshotTransfer snapshots,
            LateRows lateRows,
            PartStore fetched) {
        this.parts = parts;
        this.transactions = transactions;
        this.arrivals = arrivals;
        this.snapshots = snapshots;
        this.lateRows = lateRows;
        this.fetched = fetched;
    }

    /** How beginning anew went. */
    public sealed interface Recovered {
        /** The file writes as {@code origin} from now on; so many of its own change sets were said again. */
        record Done(Origin origin, long reissued) implements Recovered {}

        /** It cannot: the peer lacks what this file holds of others, or own change sets are in no log any more. */
        record Impossible(String why) implements Recovered {}
    }

    // ---- Fetching what the peer holds

    /** Stages bytes of a snapshot of the peer's, if they follow those that are here. Returns how many are here now. */
    public long stage(Snapshot.Id id, long from, byte[] bytes) {
        return snapshots.stageAside(id, from, bytes);
    }

    /** Returns how many bytes of the peer's snapshot are here already. */
    public long receivedOf(Snapshot.Id id) {
        return snapshots.receivedOf(id);
    }

    /** Returns what snapshots of the peer's stand for that were staged whole, together. */
    public Heads stagedHeads(List<Snapshot.Id> ids) {
        return snapshots.headsAside(ids);
    }

    /** Forgets what was fetched in an earlier attempt. */
    public void forgetFetched() {
        snapshots.dropAside();
        transactions.write(fetched::clear);
    }

    /** Begins to keep the parts of a change set that the peer holds. */
    public void expect(EncodedChangeSet changeSet) {
        transactions.write(() -> fetched.expect(changeSet));
    }

    /** Keeps parts of such change sets. Returns those that are whole now. */
    public List<EncodedChangeSet> takeParts(List<Part> bodies) {
        return transactions.write(() -> {
            List<EncodedChangeSet> whole = new ArrayList<>();
            for (Part part : bodies) {
                if (fetched.take(part) instanceof PartStore.Arrival.Whole arrived) {
                    whole.add(arrived.changeSet());
                }
            }
            return whole;
        });
    }

    /** Returns what is here of change sets whose parts are still being fetched. */
    public List<PartsHeld> fetching(Heads adopted) {
        return transactions.read(() -> fetched.waiting(new Admission.History() {
            @Override
            public Head head(Origin origin) {
                return adopted.get(origin);
            }

            @Override
            public @Nullable Hash128 hash(Origin origin, long seq) {
                return null;
            }
        }));
    }

    /**
     * Returns what others wrote, as far as it is here and {@code peer} lacks it, in causal order.
     *
     * @param staged the peer's snapshots and {@code tail} what it holds beyond them: what is there under other names is not given
     * @param peerHolds what the peer has of change sets whose parts are still coming to it
     */
    public Batch othersBeyond(
            VersionVector peer,
            List<Snapshot.Id> staged,
            List<EncodedChangeSet> tail,
            List<PartsHeld> peerHolds,
            long maxBytes) {
        return transactions.read(() -> {
            VersionVector elsewhere = between(staged, tail).known();
            // Own change sets are passed over by the peer's pretended knowledge of them.
            return parts.log.missing(peer.union(elsewhere).with(parts.self(), Long.MAX_VALUE), peerHolds, maxBytes);
        });
    }

    private Branches between(List<Snapshot.Id> staged, List<EncodedChangeSet> tail) {
        return Branches.between(Branches.of(parts), snapshots.headsOf(snapshots.numbersAside(staged)), tail);
    }

    /**
     * Returns whether somebody who holds {@code peer} may have this file's branch of a history that forked, under the branch's own
     * name: only then is it worth fetching everything. Costs O(change sets of that origin in the log).
     */
    public boolean mayHaveBranch(Origin forked, Heads peer) {
        return transactions.read(() -> Branches.mayHave(Branches.of(parts), forked, peer));
    }

    /** Settles with a peer that fences, without beginning anew: as {@link LateRows#settle}. */
    public boolean settle(
            List<Snapshot.Id> staged, List<EncodedChangeSet> tail, VersionVector fence, VersionVector forgotten) {
        return lateRows.settle(staged, tail, fence, forgotten);
    }

    // ---- Beginning anew

    /**
     * Begins anew. One transaction: a crash leaves all as it was or all as it is to be.
     *
     * @param staged the peer's snapshots, staged whole; none if its log reaches back to the beginning
     * @param tail everything that the peer holds beyond them, in causal order
     * @param purged the vector by which the peer fences
     * @param forgotten what hidden lives may be dropped by: that, or less
     */
    public Recovered from(
            List<Snapshot.Id> staged, List<EncodedChangeSet> tail, VersionVector purged, VersionVector forgotten) {
        synchronized (transactions) {
            List<Recovered> result = new ArrayList<>();
            arrivals.showing(unruly -> {
                Attempt attempt = new Attempt(snapshots.numbersAside(staged), tail, purged, forgotten, unruly);
                result.add(attempt.run());
                return attempt.changes;
            });
            return result.get(result.size() - 1);
        }
    }

    /** Beginning anew, in one write transaction. */
    private final class Attempt {
        private final List<Long> staged;
        private final List<EncodedChangeSet> tail;
        private final VersionVector purged;
        private final VersionVector forgotten;
        private final Set<String> unruly;
        private final Recovery recovery =
                new Recovery(parts.db, parts.meta, parts.origins, parts.log, parts.catalog, parts.rows);
        private final List<RowChange> changes = new ArrayList<>();

        Attempt(
                List<Long> staged,
                List<EncodedChangeSet> tail,
                VersionVector purged,
                VersionVector forgotten,
                Set<String> unruly) {
            this.staged = staged;
            this.tail = tail;
            this.purged = purged;
            this.forgotten = forgotten;
            this.unruly = unruly;
        }

        Recovered run() {
            Origin self = parts.self();
            Heads adopted = snapshots.headsOf(staged);
            long common = recovery.commonPrefix(self, tail, adopted.get(self), parts.peers.known());
            Branches branches = Branches.between(Branches.of(parts), adopted, tail);
            String whyNot = branches.whyNot(common);
            if (whyNot != null) {
                return new Recovered.Impossible(whyNot);
            }
            Recovery.Suffix suffix = recovery.takeAside(self, common);
            if (suffix == null) {
                return new Recovered.Impossible("own change sets that no peer holds are no longer in the log");
            }
            return begin(suffix, branches.isForkOf(common), branches);
        }

        private Recovered begin(Recovery.Suffix suffix, boolean forked, Branches branches) {
            Origin old = parts.self();
            Map<Long, List<Key>> shown = recovery.clear();
            adopt();
            if (forked || !suffix.isEmpty()) {
                parts.identity.renew();
            }
            long ownBefore = parts.origins.head(old).seq();
            // A branch has a name of its own, which everybody can tell who holds it.
            boolean isBranch = !suffix.isEmpty() && (forked || branches.isForked());
            Origin fresh = isBranch ? suffix.branchName() : parts.self();
            long reissued = reissue(suffix, fresh, branches);
            showAll(shown);
            Compactor.Draft draft = parts.compactor.new Draft();
            draft.keep(parts.snapshotBuilder().write(draft::chunk), parts.origins.heads());
            staged.forEach(parts.snapshots::drop);
            LOG.warn(
                    "{} began anew from a peer: it writes as {} instead of {}, whose change sets up to {} stay; {} were said"
                            + " again",
                    parts.path,
                    parts.self(),
                    old,
                    ownBefore,
                    reissued);
            return new Recovered.Done(parts.self(), reissued);
        }

        /** Takes everything that the peer holds. */
        private void adopt() {
            for (long number : staged) {
                SnapshotJoin join = parts.snapshotJoin(unruly);
                join.join(parts.snapshots.parts(number));
                changes.addAll(join.changes());
                join.jumped().forEach(parts.log::cut);
            }
            tail.forEach(this::apply);
            fetched.clear();
            Fence.fenceBy(parts, purged);
            Fence.forgetBy(parts, forgotten);
        }

        private long reissue(Recovery.Suffix suffix, Origin fresh, Branches branches) {
            parts.origins.markMine(fresh);
            long[] reissued = new long[1];
            recovery.reissue(suffix, fresh, branches::rename, changeSet -> {
                applyOwn(changeSet);
                reissued[0]++;
            });
            if (!fresh.equals(parts.self())) {
                parts.origins.forgetSeen(); // The contexts written so far are another origin's.
            }
            return reissued[0];
        }

        /** Applies what the peer delivered, a part at a time where it comes in parts. */
        private void apply(EncodedChangeSet changeSet) {
            apply(List.of(changeSet), List.of());
            Dot dot = changeSet.header().dot();
            PartSource source = fetched.of(changeSet);
            for (int i = 0; i < changeSet.parts().count(); i++) {
                apply(List.of(), List.of(new Part(dot.origin(), dot.seq(), i, source.part(i))));
            }
        }

        private void apply(List<EncodedChangeSet> changeSets, List<Part> bodies) {
            Applier applier = parts.adoptingApplier(unruly);
            Admission admission = applier.apply(changeSets, bodies);
            if (!(admission instanceof Admission.Next)) {
                throw new SyncException(
                        "cannot begin anew from the peer: it sent change sets that do not follow from each" + " other ("
                                + admission + "); nothing was changed");
            }
            changes.addAll(applier.changes());
        }

        private void applyOwn(EncodedChangeSet changeSet) {
            Applier applier = parts.adoptingApplier(unruly);
            applier.applyOwn(changeSet);
            changes.addAll(applier.changes());
        }

        private void showAll(Map<Long, List<Key>> shown) {
            Applier applier = parts.adoptingApplier(unruly);
            shown.forEach((table, keys) -> keys.forEach(key -> applier.touch(parts.catalog.get(table), key)));
            applier.show();
            changes.addAll(applier.changes());
        }
    }
}
