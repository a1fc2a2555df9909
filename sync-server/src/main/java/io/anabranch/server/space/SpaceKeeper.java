// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.store.SpaceRecord;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.sync.session.Aside;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
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
    private static final Logger LOG = LoggerFactory.getLogger(SpaceKeeper.class);

    private static final int MOST_RELAYS = 64;

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
            LOG.info(
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
        SpaceRecord settled = record.withRelay(
                self, new SpaceRecord.Word(record.fence(), VersionVector.EMPTY, record.fence(), false, false));
        for (Map.Entry<Origin, SpaceRecord.Word> other : others(settled).entrySet()) {
            settled = settled.withRelay(other.getKey(), settle(other.getValue(), held));
        }
        SpaceRecord purged = settled.withPurged(settled.purged().union(agreed(settled)));
        return purged.withFence(purged.fence().union(heldBefore(record, retention.purgeAfter(), nowMillis)));
    }

    /** Returns what all relays fence by, as far as it is known that none took anything that would have had to be fenced. */
    static VersionVector agreed(SpaceRecord record) {
        VersionVector agreed = record.fence();
        for (SpaceRecord.Word word : record.relays().values()) {
            agreed = word.forgotten() ? agreed : agreed.intersection(word.settled());
        }
        return agreed;
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

    // ---- Among relays

    /** Returns what the relays say of themselves, as far as it was heard; this one first. */
    List<Aside.Word> words(VersionVector held) {
        SpaceRecord record = store.record();
        List<Aside.Word> words = new ArrayList<>();
        VersionVector fence =
                record.relays().getOrDefault(self, SpaceRecord.Word.NONE).fence();
        words.add(new Aside.Word(self, fence, held));
        others(record).forEach((relay, word) -> words.add(new Aside.Word(relay, word.fence(), word.held())));
        return words;
    }

    /** Returns the other relays that were heard of, without those that were forgotten. */
    private SortedMap<Origin, SpaceRecord.Word> others(SpaceRecord record) {
        SortedMap<Origin, SpaceRecord.Word> others = new TreeMap<>(record.relays());
        others.remove(self);
        others.values().removeIf(SpaceRecord.Word::forgotten);
        return others;
    }

    void hear(List<Aside.Word> words, VersionVector held) {
        if (words.isEmpty()) {
            return;
        }
        update(store, record -> {
            SpaceRecord next = record;
            for (Aside.Word word : words) {
                boolean isRoom =
                        next.relays().containsKey(word.relay()) || others(next).size() < MOST_RELAYS - 1;
                if (!word.relay().equals(self) && isRoom && !isForgotten(next, word.relay())) {
                    next = hear(next, word, held);
                }
            }
            return next;
        });
    }

    /** A word waits until everything is here that it names as held; a later one, which may name more, waits behind it. */
    private static SpaceRecord hear(SpaceRecord record, Aside.Word word, VersionVector held) {
        SpaceRecord.Word known = record.relays().get(word.relay());
        SpaceRecord.Word before = known == null ? SpaceRecord.Word.NONE : settle(known, held);
        boolean waits = known != null && !held.dominates(known.held());
        SpaceRecord.Word next = waits
                ? before
                : settle(new SpaceRecord.Word(word.fence(), word.held(), before.settled(), before.met(), false), held);
        return record.withRelay(word.relay(), next)
                .withFence(record.fence().union(word.fence().intersection(held)));
    }

    private static SpaceRecord.Word settle(SpaceRecord.Word word, VersionVector held) {
        return held.dominates(word.held())
                ? new SpaceRecord.Word(word.fence(), word.held(), word.settled().union(word.fence()), true, false)
                : word;
    }

    /** Returns the other relays, as they last spoke of themselves. */
    List<OtherRelay> relays() {
        SpaceRecord record = store.record();
        List<OtherRelay> relays = new ArrayList<>();
        others(record)
                .forEach((relay, word) -> relays.add(
                        new OtherRelay(relay, word.held(), !word.settled().dominates(record.fence()))));
        return relays;
    }

    /**
     * Waits for a relay no more, and takes nothing of it. What it was told by the others before, they go by.
     *
     * @return false if no such relay was heard of
     */
    boolean forget(Origin relay) {
        if (!others(store.record()).containsKey(relay)) {
            return false;
        }
        update(
                store,
                record -> record.withRelay(
                        relay,
                        record.relays()
                                .getOrDefault(relay, SpaceRecord.Word.NONE)
                                .forget()));
        return true;
    }

    boolean isForgotten(Origin relay) {
        return isForgotten(store.record(), relay);
    }

    private static boolean isForgotten(SpaceRecord record, Origin relay) {
        return record.relays().getOrDefault(relay, SpaceRecord.Word.NONE).forgotten();
    }

    /** Returns whether there is another relay of which everything was here that it held when it said by what it fences. */
    boolean hasMetRelay() {
        return store.record().relays().values().stream().anyMatch(SpaceRecord.Word::met);
    }
}
