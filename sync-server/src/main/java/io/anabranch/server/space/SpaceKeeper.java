// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.store.SpaceRecord;
import io.anabranch.server.store.SpaceStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a relay forgets, by time and size and by nobody's list of members. Thread-safe.
 *
 * <pre>
 *   marks    what was held then ──► old enough ──► fence ──► all relays fence by it, for some time ──► purged
 *   snapshots  ──► stand for it ──► old, or the log is large ──► floor ──► the log is cut
 * </pre>
 */
final class SpaceKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);

    private final Origin self;
    private final SpaceStore store;
    private final Retention retention;

    SpaceKeeper(Origin self, SpaceStore store, Retention retention) {
        this.self = self;
        this.store = store;
        this.retention = retention;
    }

    /** Puts another record in place of the one that is there, again if somebody else was faster. */
    static SpaceRecord update(SpaceStore store, UnaryOperator<SpaceRecord> change) {
        while (true) {
            SpaceRecord known = store.record();
            SpaceRecord next = change.apply(known);
            if (next.equals(known) || store.replace(known, next)) {
                return next;
            }
        }
    }

    void tend(VersionVector held, long nowMillis) {
        boolean isLarge = store.usage().logBytes() > retention.keepLogBytes();
        SpaceRecord before = store.record();
        SpaceRecord after = update(
                store, record -> raiseFloor(fence(mark(record, held, nowMillis), held, nowMillis), isLarge, nowMillis));
        if (!after.floor().equals(before.floor())) {
            // Who reads meanwhile finds less, and sees by the floor that it needs a snapshot.
            store.cut(after.floor());
            // Of many spaces these lines would be most of a log.
            LOG.debug(
                    "cut change-sets={} in-log={}",
                    after.floor().countMinus(before.floor()),
                    store.usage().changeSets());
        }
    }

    private SpaceRecord mark(SpaceRecord record, VersionVector held, long nowMillis) {
        List<SpaceRecord.Mark> marks = new ArrayList<>(record.marks());
        SpaceRecord.Mark last = marks.isEmpty() ? null : marks.get(marks.size() - 1);
        if (held.isEmpty()
                || last != null
                        && (nowMillis - last.atMillis() < retention.marksEveryMillis()
                                || last.vector().equals(held))) {
            return record;
        }
        marks.add(new SpaceRecord.Mark(nowMillis, held));
        // Of those that are old enough for everything only the last is of use.
        while (marks.size() > 1 && nowMillis - marks.get(1).atMillis() >= retention.oldestMarkMillis()) {
            marks.remove(0);
        }
        return record.withMarks(marks);
    }

    /**
     * What the fence was the last time this ran, every request under way has long been held against: only that is said to others,
     * and may be forgotten once all relays say the like.
     */
    private SpaceRecord fence(SpaceRecord record, VersionVector held, long nowMillis) {
        SpaceRecord settled = RelayWords.settle(self, record, held);
        SpaceRecord purged = settled.withPurged(settled.purged().union(RelayWords.agreed(settled)));
        return purged.withFence(purged.fence().union(heldBefore(record, retention.purgeAfter(), nowMillis)));
    }

    private SpaceRecord raiseFloor(SpaceRecord record, boolean isLarge, long nowMillis) {
        VersionVector covered = record.covered().vector();
        VersionVector old = heldBefore(record, retention.keepLog(), nowMillis);
        VersionVector floor = isLarge ? covered : covered.intersection(old);
        return record.withFloor(record.floor().union(floor));
    }

    /** Returns what was held so long ago. */
    private static VersionVector heldBefore(SpaceRecord record, Duration age, long nowMillis) {
        VersionVector held = VersionVector.EMPTY;
        for (SpaceRecord.Mark mark : record.marks()) {
            held = nowMillis - mark.atMillis() >= age.toMillis() ? mark.vector() : held;
        }
        return held;
    }

    /** Goes by a purge vector that a replica or a relay goes by, as far as what it covers is held here. */
    void fenceBy(VersionVector theirs, VersionVector held) {
        VersionVector mine = theirs.intersection(held);
        if (!store.record().fence().dominates(mine)) {
            update(store, record -> record.withFence(record.fence().union(mine)));
        }
    }
}
