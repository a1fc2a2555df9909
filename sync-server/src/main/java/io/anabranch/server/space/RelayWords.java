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

/** What the relays of one space say of themselves to each other, and what they agree on by it. Thread-safe. */
final class RelayWords {
    private static final int MOST_RELAYS = 64;

    private final Origin self;
    private final SpaceStore store;

    RelayWords(Origin self, SpaceStore store) {
        this.self = self;
        this.store = store;
    }

    // ---- For the keeper

    /** Returns the record with what this relay fences by as its own word, and with the words of which all is here settled. */
    static SpaceRecord settle(Origin self, SpaceRecord record, VersionVector held) {
        SpaceRecord settled = record.withRelay(
                self, new SpaceRecord.Word(record.fence(), VersionVector.EMPTY, record.fence(), false, false));
        for (Map.Entry<Origin, SpaceRecord.Word> other : others(self, settled).entrySet()) {
            settled = settled.withRelay(other.getKey(), settle(other.getValue(), held));
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
        others(self, record).forEach((relay, word) -> words.add(new Aside.Word(relay, word.fence(), word.held())));
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
        SpaceKeeper.update(store, record -> {
            SpaceRecord next = record;
            for (Aside.Word word : words) {
                boolean isRoom = next.relays().containsKey(word.relay())
                        || others(self, next).size() < MOST_RELAYS - 1;
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
        others(self, record)
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
