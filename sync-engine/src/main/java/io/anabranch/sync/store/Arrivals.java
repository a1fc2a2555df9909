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
import io.anabranch.sync.store.history.LogFollower;
import io.anabranch.sync.store.row.RowStore;
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

    Arrivals(Components parts, Transactions transactions, LogFeed feed) {
        this.parts = parts;
        this.transactions = transactions;
        this.feed = feed;
    }

    /** Takes what came in slices, each of which holds the write lock for some 20 ms; a change set is never cut. */
    Taken accept(List<EncodedChangeSet> changeSets, List<Part> bodies) {
        Admission admission = transactions.read(() -> parts.log.admit(changeSets));
        long news = 0;
        List<List<EncodedChangeSet>> slices = Slices.of(changeSets);
        for (int i = 0; i < slices.size() && admission instanceof Admission.Next; i++) {
            if (i > 0) {
                letOthersWrite();
            }
            boolean isLast = i == slices.size() - 1;
            Taken taken = take(slices.get(i), isLast ? bodies : List.of());
            admission = taken.admission();
            news += taken.changeSets();
        }
        return new Taken(admission, news);
    }

    /** Those of this process take turns; other programs find a moment without a lock, if they look often enough. */
    private void letOthersWrite() {
        if (!transactions.isAwaited()) {
            LockSupport.parkNanos(GAP_NANOS);
        }
    }

    private Taken take(List<EncodedChangeSet> changeSets, List<Part> bodies) {
        Set<Origin> writers = new HashSet<>();
        changeSets.forEach(changeSet -> writers.add(changeSet.header().origin()));
        bodies.forEach(part -> writers.add(part.origin()));
        long[] news = new long[1];
        Admission result = showing(unruly -> {
            long before = held(writers);
            Origin self = parts.self();
            long ownSeq = parts.origins.head(self).seq();
            Applier applier = parts.applier(unruly);
            Admission admission = applier.apply(changeSets, bodies);
            if (!(admission instanceof Admission.Next)) {
                throw new Refusal(admission);
            }
            news[0] = held(writers) - before;
            renewIfOlder(self, ownSeq);
            return applier.changes();
        });
        return new Taken(result, result instanceof Admission.Next ? news[0] : 0);
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
