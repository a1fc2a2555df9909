// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.store.SpaceRecord;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.sync.session.Aside;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the relays of one space say of themselves to each other, and what they agree on by it. Thread-safe.
 *
 * <p>A relay follows the words of up to 64, itself included, and knows more by name alone. Of these it does not know by what they
 * fence, nor do others who hear of them through it. So while there is one, it lets nobody forget any more than before and tells
 * the others no more than before, as if a relay were there that never speaks: too many cost disk, and never rows.
 */
final class RelayWords {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);

    private static final int MOST_FOLLOWED = 64;
    private static final int MOST_NAMED = 1_000;
    /** A word that names this many origins more than twice those held here is followed once more of them are here. */
    private static final int SPARE_ORIGINS = 1_000;

    private final Origin self;
    private final SpaceStore store;

    RelayWords(Origin self, SpaceStore store) {
        this.self = self;
        this.store = store;
    }

    // ---- For the keeper

    /** Returns the record with what this relay fences by as its own word, and with the words of which all is here settled. */
    static SpaceRecord settle(Origin self, SpaceRecord record, VersionVector held) {
        SpaceRecord settled = record;
        if (others(self, record).values().stream().noneMatch(RelayWords::isNameAlone)) {
            settled = record.withRelay(
                    self, new SpaceRecord.Word(record.fence(), VersionVector.EMPTY, record.fence(), false, false));
        }
        for (Map.Entry<Origin, SpaceRecord.Word> other : others(self, settled).entrySet()) {
            if (!isNameAlone(other.getValue())) {
                settled = settled.withRelay(other.getKey(), settle(other.getValue(), held));
            }
        }
        return settled;
    }

    /** Returns what all relays fence by, as far as it is known that none took anything that would have had to be fenced. */
    static VersionVector agreed(SpaceRecord record) {
        VersionVector agreed = record.fence();
        for (SpaceRecord.Word word : record.relays().values()) {
            agreed = word.forgotten() ? agreed : agreed.intersection(word.settled());
        }
        return agreed;
    }

    // ---- Speaking and hearing

    /** Returns what the relays say of themselves, as far as it was heard; this one first. */
    List<Aside.Word> words(VersionVector held) {
        SpaceRecord record = store.record();
        List<Aside.Word> words = new ArrayList<>();
        VersionVector fence =
                record.relays().getOrDefault(self, SpaceRecord.Word.NONE).fence();
        words.add(new Aside.Word(self, fence, held));
        others(self, record).forEach((relay, word) -> {
            if (!isNameAlone(word)) {
                words.add(new Aside.Word(relay, word.fence(), word.held()));
            }
        });
        return words;
    }

    /** Returns the other relays that were heard of, without those that were forgotten. */
    private static SortedMap<Origin, SpaceRecord.Word> others(Origin self, SpaceRecord record) {
        SortedMap<Origin, SpaceRecord.Word> others = new TreeMap<>(record.relays());
        others.remove(self);
        others.values().removeIf(SpaceRecord.Word::forgotten);
        return others;
    }

    void hear(List<Aside.Word> words, VersionVector held) {
        if (words.isEmpty()) {
            return;
        }
        long namesBefore = countNames(store.record());
        SpaceRecord heard = SpaceKeeper.update(store, record -> {
            SpaceRecord next = record;
            for (Aside.Word word : words) {
                if (!word.relay().equals(self) && !isForgotten(next, word.relay())) {
                    next = isFollowed(next, word, held) ? hear(next, word, held) : hearOf(next, word.relay());
                }
            }
            return next;
        });
        if (countNames(heard) > namesBefore) {
            LOG.warn(
                    "relays-not-followed count={} nothing more of what was deleted is forgotten until they are: forget those"
                            + " that are gone, by 'anabranch peer forget'",
                    countNames(heard));
        }
    }

    private long countNames(SpaceRecord record) {
        return others(self, record).values().stream()
                .filter(RelayWords::isNameAlone)
                .count();
    }

    private boolean isFollowed(SpaceRecord record, Aside.Word word, VersionVector held) {
        SortedMap<Origin, SpaceRecord.Word> others = others(self, record);
        boolean isLarge = (long) word.held().size() + word.fence().size() > 2L * held.size() + SPARE_ORIGINS;
        SpaceRecord.Word known = others.get(word.relay());
        boolean hasPlace =
                known != null && !isNameAlone(known) || others.size() - countNames(record) < MOST_FOLLOWED - 1;
        return hasPlace && !isLarge;
    }

    /** Keeps a name, and what was heard under it before. */
    private SpaceRecord hearOf(SpaceRecord record, Origin relay) {
        if (record.relays().containsKey(relay) || others(self, record).size() >= MOST_NAMED) {
            return record;
        }
        return record.withRelay(relay, SpaceRecord.Word.NONE);
    }

    private static boolean isNameAlone(SpaceRecord.Word word) {
        return word.equals(SpaceRecord.Word.NONE);
    }

    /** A word waits until everything is here that it names as held; a later one, which may name more, waits behind it. */
    private static SpaceRecord hear(SpaceRecord record, Aside.Word word, VersionVector held) {
        SpaceRecord.Word known = record.relays().getOrDefault(word.relay(), SpaceRecord.Word.NONE);
        SpaceRecord.Word before = isNameAlone(known) ? known : settle(known, held);
        boolean waits = !held.dominates(known.held());
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
        others(self, record)
                .forEach((relay, word) -> relays.add(new OtherRelay(
                        relay,
                        word.held(),
                        !isNameAlone(word),
                        isNameAlone(word) || !word.settled().dominates(record.fence()))));
        return relays;
    }

    /**
     * Waits for a relay no more, and takes nothing of it. What it was told by the others before, they go by.
     *
     * @return false if no such relay was heard of
     */
    boolean forget(Origin relay) {
        if (!others(self, store.record()).containsKey(relay)) {
            return false;
        }
        SpaceKeeper.update(
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
