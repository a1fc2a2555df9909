// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.store.apply.Applied;
import io.anabranch.sync.store.apply.Applier;
import io.anabranch.sync.store.apply.Slices;
import io.anabranch.sync.store.apply.Taken;
import io.anabranch.sync.store.apply.Together;
import io.anabranch.sync.store.history.LogFollower;
import io.anabranch.sync.store.row.RowStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what peers bring, and shows it in the application's tables. Thread-safe. */
final class Arrivals {
    private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);

    /** How long nobody holds the write lock between two slices. */
    private static final long GAP_NANOS = 1_000_000;

    private final Components parts;
    private final Transactions transactions;
    private final LogFeed feed;
    private final Together together = new Together();

    Arrivals(Components parts, Transactions transactions, LogFeed feed) {
        this.parts = parts;
        this.transactions = transactions;
        this.feed = feed;
    }

    /**
     * Takes what came in slices, each of which holds the write lock for some 20 ms; a change set is never cut. While a file gets its
     * tables for the first time, several slices go into one transaction, for as long as nobody waits to write.
     */
    Taken accept(List<EncodedChangeSet> changeSets, List<Part> bodies) {
        Admission admission = transactions.read(() -> parts.log.admit(changeSets));
        List<List<EncodedChangeSet>> slices = Slices.of(changeSets);
        if (!(admission instanceof Admission.Next)) {
            return new Taken(admission, 0);
        }
        if (slices.size() == 1) {
            return new Turn(slices, 0, bodies).run();
        }
        long news = 0;
        int taken = 0;
        try (Checkpoints checkpoints = new Checkpoints(transactions)) {
            while (taken < slices.size() && admission instanceof Admission.Next) {
                Turn turn = new Turn(slices, taken, bodies);
                Taken result = turn.run();
                admission = result.admission();
                news += result.changeSets();
                taken = turn.next;
                checkpoints.written(turn.sizeBytes);
                if (taken < slices.size()) {
                    letOthersWrite();
                }
            }
        }
        return new Taken(admission, news);
    }

    /** Those of this process take turns; other programs find a moment without a lock, if they look often enough. */
    private void letOthersWrite() {
        if (!transactions.isAwaited()) {
            LockSupport.parkNanos(GAP_NANOS);
        }
    }

    /** One transaction, which takes at least one slice. */
    private final class Turn {
        private final List<List<EncodedChangeSet>> slices;
        private final int first;
        private final List<Part> bodies;
        /** The first slice that it did not take. */
        private int next;
        /** How many change sets it took that were not here. */
        private long news;

        private long sizeBytes;
        private long doneAtMillis;

        /** @param bodies parts that come with the last slice */
        Turn(List<List<EncodedChangeSet>> slices, int first, List<Part> bodies) {
            this.slices = slices;
            this.first = first;
            this.bodies = bodies;
        }

        Taken run() {
            Admission admission = showing(this::take);
            if (!(admission instanceof Admission.Next)) {
                return new Taken(admission, 0);
            }
            together.took(next - first, parts.nowMillis() - doneAtMillis);
            return new Taken(admission, news);
        }

        private List<RowChange> take(Set<String> unruly) {
            next = first;
            news = 0;
            sizeBytes = 0;
            List<RowChange> changes = new ArrayList<>();
            do {
                boolean isLast = next == slices.size() - 1;
                changes.addAll(takeOne(slices.get(next), isLast ? bodies : List.of(), unruly));
                next++;
            } while (goesOn());
            doneAtMillis = parts.nowMillis();
            return changes;
        }

        private List<RowChange> takeOne(List<EncodedChangeSet> slice, List<Part> withIt, Set<String> unruly) {
            Set<Origin> writers = new HashSet<>();
            slice.forEach(changeSet -> writers.add(changeSet.header().origin()));
            withIt.forEach(part -> writers.add(part.origin()));
            long before = held(writers);
            Origin self = parts.self();
            long ownSeq = parts.origins.head(self).seq();
            Applier applier = parts.applier(unruly);
            Admission admission = applier.apply(slice, withIt);
            if (!(admission instanceof Admission.Next)) {
                throw new Refusal(admission);
            }
            news += held(writers) - before;
            slice.forEach(changeSet -> sizeBytes += changeSet.bytes().length);
            renewIfOlder(self, ownSeq);
            return applier.changes();
        }

        /** Parts may be refused, and what came before them must not go with them. */
        private boolean goesOn() {
            int last = slices.size() - (bodies.isEmpty() ? 0 : 1);
            return next < last
                    && next - first < together.most()
                    && !parts.catalog.made().isHandedOver()
                    && !transactions.isAwaited();
        }
    }

    /** Counts the change sets of some origins. */
    private long held(Set<Origin> writers) {
        return writers.stream()
                .mapToLong(origin -> parts.origins.head(origin).seq())
                .sum();
    }

    /** Somebody may know more of this origin than this file: then it was put back from a backup. */
    void renewIfOlder(Origin self, long ownSeq) {
        if (parts.origins.head(self).seq() > ownSeq) {
            LOG.warn("{} takes a new origin, because a peer knew more of {} than it did", parts.path, self);
            parts.identity.renew();
        }
    }

    /**
     * Seals, and takes something that changes what tables show, in one write transaction; again without the triggers of a
     * table that ended the transaction.
     */
    Admission showing(Function<Set<String>, List<RowChange>> work) {
        synchronized (transactions) {
            Set<String> unruly = new HashSet<>();
            while (true) {
                try {
                    Applied applied = transactions.write(() -> {
                        parts.seal();
                        long before = LogFollower.last(parts.db);
                        List<RowChange> changes = work.apply(unruly);
                        return new Applied(before + 1, LogFollower.last(parts.db), changes);
                    });
                    // Still alone with this connection: nobody has read from the log what is in here.
                    feed.tell(applied);
                    return new Admission.Next();
                } catch (Refusal refusal) {
                    return refusal.why;
                } catch (RowStore.TransactionEnded e) {
                    if (!unruly.add(e.table())) {
                        throw e;
                    }
                    LOG.warn("again, without the triggers on {}: {}", e.table(), e.getMessage());
                }
            }
        }
    }

    /** Rolls a transaction back; never leaves this class. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Admission why;

        Refusal(Admission why) {
            super(why.toString(), null, false, false);
            this.why = why;
        }
    }
}
