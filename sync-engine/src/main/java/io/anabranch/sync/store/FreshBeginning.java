// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a file anew from everything that a peer holds, and says again under another origin what this file wrote and the peer
 * does not hold. For when the peer holds another history of this origin, or will not take more of it. Thread-safe.
 */
public final class FreshBeginning {
    private static final Logger LOG = LoggerFactory.getLogger(FreshBeginning.class);

    private final Components parts;
    private final Transactions transactions;
    private final Arrivals arrivals;
    private final SnapshotTransfer snapshots;

    FreshBeginning(Components parts, Transactions transactions, Arrivals arrivals, SnapshotTransfer snapshots) {
        this.parts = parts;
        this.transactions = transactions;
        this.arrivals = arrivals;
        this.snapshots = snapshots;
    }

    /** How beginning anew went. */
    public sealed interface Recovered {
        /** The file writes as {@code origin} from now on; so many of its own change sets were said again. */
        record Done(Origin origin, long reissued) implements Recovered {}

        /** It cannot: the peer lacks what this file holds of others, or own change sets are in no log any more. */
        record Impossible(String why) implements Recovered {}
    }

    // ---- Fetching what the peer holds

    /** Stages bytes of the peer's snapshot, if they follow those that are here. Returns how many are here now. */
    public long stage(Snapshot.Id id, long from, byte[] bytes) {
        return snapshots.stage(id, from, bytes);
    }

    /** Returns how many bytes of the peer's snapshot are here already. */
    public long receivedOf(Snapshot.Id id) {
        return snapshots.receivedOf(id);
    }

    /** Returns what a peer's snapshot stands for that was staged whole. */
    public Heads stagedHeads(Snapshot.Id id) {
        return snapshots.stagedHeads(id);
    }

    /** Returns what others wrote, as far as it is here and {@code peer} lacks it, in causal order. */
    public List<EncodedChangeSet> othersBeyond(VersionVector peer, long maxBytes) {
        return transactions.read(() -> {
            // Own change sets are passed over by the peer's pretended knowledge of them.
            VersionVector asked = peer.with(parts.self(), Long.MAX_VALUE);
            return parts.log.reaches(asked)
                    ? parts.log.missing(asked, List.of(), maxBytes).changeSets()
                    : List.of();
        });
    }

    // ---- Beginning anew

    /**
     * Begins anew. One transaction: a crash leaves all as it was or all as it is to be.
     *
     * @param staged the peer's snapshot, received whole; null if its log reaches back to the beginning
     * @param tail everything that the peer holds beyond that, in causal order
     * @param purged the purge vector that the peer goes by
     */
    public Recovered from(Snapshot.@Nullable Id staged, List<EncodedChangeSet> tail, VersionVector purged) {
        synchronized (transactions) {
            long number = staged == null ? 0 : transactions.read(() -> parts.snapshots.receiving(staged));
            if (staged != null) {
                snapshots.check(number, staged);
            }
            List<Recovered> result = new ArrayList<>();
            arrivals.showing(unruly -> {
                Attempt attempt = new Attempt(number, tail, purged, unruly);
                result.add(attempt.run());
                return attempt.changes;
            });
            return result.get(result.size() - 1);
        }
    }

    /** Beginning anew, in one write transaction. */
    private final class Attempt {
        private final long staged;
        private final List<EncodedChangeSet> tail;
        private final VersionVector purged;
        private final Set<String> unruly;
        private final Recovery recovery =
                new Recovery(parts.db, parts.meta, parts.origins, parts.log, parts.catalog, parts.rows);
        private final List<RowChange> changes = new ArrayList<>();

        Attempt(long staged, List<EncodedChangeSet> tail, VersionVector purged, Set<String> unruly) {
            this.staged = staged;
            this.tail = tail;
            this.purged = purged;
            this.unruly = unruly;
        }

        Recovered run() {
            Origin self = parts.self();
            Heads adopted = staged == 0 ? Heads.NONE : parts.snapshots.readHeads(staged);
            long common = recovery.commonPrefix(self, tail, adopted.get(self), parts.peers.known());
            VersionVector theirs = adopted.vector();
            for (EncodedChangeSet changeSet : tail) {
                theirs = theirs.with(
                        changeSet.header().origin(), changeSet.header().seq());
            }
            boolean forked = theirs.get(self) > common;
            if (!forked && parts.origins.head(self).seq() > common && Fence.passes(parts, purged, common)) {
                return new Recovered.Impossible("what the peer delivered continues this file's own history");
            }
            if (!theirs.dominates(parts.origins.heads().vector().without(self))) {
                return new Recovered.Impossible("the peer lacks change sets of others that this file holds");
            }
            Recovery.Suffix suffix = recovery.takeAside(self, common);
            if (suffix == null) {
                return new Recovered.Impossible("own change sets that no peer holds are no longer in the log");
            }
            return begin(suffix, forked);
        }

        private Recovered begin(Recovery.Suffix suffix, boolean forked) {
            Origin old = parts.self();
            Map<Long, List<Key>> shown = recovery.clear();
            adopt();
            parts.identity.renew();
            long ownBefore = parts.origins.head(old).seq();
            Origin fresh = suffix.isEmpty() || !forked ? parts.self() : suffix.branchName();
            long reissued = reissue(suffix, fresh);
            showAll(shown);
            Compactor.Draft draft = parts.compactor.new Draft();
            draft.keep(parts.snapshotBuilder().write(draft::chunk), parts.origins.heads());
            if (staged != 0) {
                parts.snapshots.drop(staged);
            }
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
            if (staged != 0) {
                SnapshotJoin join = parts.snapshotJoin(unruly);
                join.join(parts.snapshots.parts(staged));
                changes.addAll(join.changes());
                join.jumped().forEach(parts.log::cut);
            }
            apply(tail);
            parts.meta.put("purged", parts.meta.getVector("purged").union(purged));
        }

        private long reissue(Recovery.Suffix suffix, Origin fresh) {
            parts.origins.markMine(fresh);
            long[] reissued = new long[1];
            recovery.reissue(suffix, fresh, changeSet -> {
                apply(List.of(changeSet));
                reissued[0]++;
            });
            if (!fresh.equals(parts.self())) {
                parts.origins.forgetSeen(); // The contexts written so far are another origin's.
            }
            return reissued[0];
        }

        private void apply(List<EncodedChangeSet> changeSets) {
            Applier applier = parts.adoptingApplier(unruly);
            Admission admission = applier.apply(changeSets, List.of());
            if (!(admission instanceof Admission.Next)) {
                throw new SyncException(
                        "cannot begin anew from the peer: it sent change sets that do not follow from each" + " other ("
                                + admission + "); nothing was changed");
            }
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
