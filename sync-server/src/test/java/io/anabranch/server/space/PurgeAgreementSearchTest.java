// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.store.MemoryRelayStore;
import io.anabranch.server.store.SpaceRecord;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.sync.session.Aside;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Visits every state that two relays and two writers can reach in so many steps, where each relay forgets as soon as it may: the
 * shipped {@link SpaceKeeper} and {@link RelayWords} decide by what they fence and what others may forget. Whatever a relay lets others forget, it
 * holds every change set that any relay took from a writer who had not seen all of that.
 */
class PurgeAgreementSearchTest {
    private static final int STEPS = Boolean.getBoolean("anabranch.long") ? 12 : 9;
    private static final int MOST_WRITES = 3;
    private static final Retention AT_ONCE = new Retention(1, 1, Duration.ZERO, Duration.ZERO);

    private final SpaceStore store = new MemoryRelayStore().space("shop");
    private final List<Origin> relays = List.of(origin(1), origin(2));
    private final List<Origin> writers = List.of(origin(3), origin(4));
    private int visited;
    private boolean someForgot;

    private static Origin origin(int number) {
        byte[] bytes = new byte[Origin.SIZE_BYTES];
        bytes[0] = (byte) number;
        return Origin.of(bytes);
    }

    /** How relays come to agree. */
    private enum Rule {
        SHIPPED,
        /** A relay lets others forget what it fences by itself. */
        WITHOUT_THE_OTHERS,
        /** It takes a word as it is, whatever the other held when it said so. */
        WITHOUT_WHAT_THEY_HELD
    }

    /**
     * @param held by each relay
     * @param seen by each writer
     * @param contexts what the writer of each change set had seen
     */
    private record State(
            List<SpaceRecord> records,
            List<VersionVector> held,
            List<VersionVector> seen,
            Map<Dot, VersionVector> contexts) {
        State with(int relay, SpaceRecord record) {
            return new State(replaced(records, relay, record), held, seen, contexts);
        }

        private static <T> List<T> replaced(List<T> list, int index, T value) {
            List<T> next = new ArrayList<>(list);
            next.set(index, value);
            return next;
        }
    }

    @Test
    void whatMayBeForgottenNobodyBringsBack() {
        assertThat(search(Rule.SHIPPED)).isEmpty();
        assertThat(someForgot).isTrue();
        System.out.println("two relays, two writers, " + STEPS + " steps: " + visited + " states");
    }

    @Test
    void aRelayThatDoesNotWaitForTheOtherIsFound() {
        assertThat(search(Rule.WITHOUT_THE_OTHERS)).isNotEmpty();
    }

    @Test
    void aRelayThatHasNotWhatTheOtherHeldIsFound() {
        assertThat(search(Rule.WITHOUT_WHAT_THEY_HELD)).isNotEmpty();
    }

    // ---- The search, breadth first

    /** Returns the steps to a state that must not be; empty if there is none. */
    private List<String> search(Rule rule) {
        Map<State, List<String>> frontier = Map.of(start(rule), List.of());
        Set<State> known = new HashSet<>(frontier.keySet());
        for (int step = 0; step < STEPS; step++) {
            Map<State, List<String>> next = new HashMap<>();
            for (Map.Entry<State, List<String>> entry : frontier.entrySet()) {
                for (Map.Entry<String, State> move : moves(entry.getKey(), rule).entrySet()) {
                    State state = move.getValue();
                    if (known.add(state)) {
                        List<String> path = new ArrayList<>(entry.getValue());
                        path.add(move.getKey());
                        if (!holds(state)) {
                            return path;
                        }
                        next.put(state, path);
                    }
                }
            }
            frontier = next;
        }
        visited = known.size();
        return List.of();
    }

    private boolean holds(State state) {
        for (int relay = 0; relay < relays.size(); relay++) {
            VersionVector forgotten = state.records.get(relay).purged();
            VersionVector held = state.held.get(relay);
            someForgot |= !forgotten.isEmpty();
            for (Map.Entry<Dot, VersionVector> written : state.contexts.entrySet()) {
                boolean isTaken = state.held.stream().anyMatch(vector -> vector.contains(written.getKey()));
                if (isTaken
                        && !held.contains(written.getKey())
                        && !written.getValue().dominates(forgotten)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Both relays have met: one that has not takes nothing from a writer. */
    private State start(Rule rule) {
        List<VersionVector> nothing = List.of(VersionVector.EMPTY, VersionVector.EMPTY);
        State state = new State(List.of(SpaceRecord.EMPTY, SpaceRecord.EMPTY), nothing, nothing, Map.of());
        return hear(hear(state, 0, 1, rule), 1, 0, rule);
    }

    private Map<String, State> moves(State state, Rule rule) {
        Map<String, State> moves = new TreeMap<>();
        for (int i = 0; i < 2; i++) {
            moves.put("writer " + i + " writes", write(state, i));
            moves.put("relay " + i + " tends", tend(state, i, rule));
            moves.put("relay " + i + " hears the other", hear(state, i, 1 - i, rule));
            moves.put("relay " + i + " takes from the other", take(state, i, 1 - i));
            for (int relay = 0; relay < 2; relay++) {
                moves.put("writer " + i + " exchanges with relay " + relay, exchange(state, i, relay));
            }
        }
        return moves;
    }

    // ---- Steps

    private State write(State state, int writer) {
        if (state.contexts.size() == MOST_WRITES) {
            return state;
        }
        VersionVector seen = state.seen.get(writer);
        Dot dot = new Dot(writers.get(writer), seen.get(writers.get(writer)) + 1);
        Map<Dot, VersionVector> contexts = new TreeMap<>(state.contexts);
        contexts.put(dot, seen);
        List<VersionVector> next = State.replaced(state.seen, writer, seen.with(dot.origin(), dot.seq()));
        return new State(state.records, state.held, next, contexts);
    }

    /** Both hold the same afterwards, unless the relay fences what the writer has written since they met. */
    private State exchange(State state, int writer, int relay) {
        VersionVector seen = state.seen.get(writer);
        VersionVector held = state.held.get(relay);
        VersionVector context = state.contexts.get(new Dot(writers.get(writer), held.get(writers.get(writer)) + 1));
        boolean isNews = seen.get(writers.get(writer)) > held.get(writers.get(writer));
        if (isNews && !context.dominates(state.records.get(relay).fence())) {
            return state;
        }
        VersionVector both = seen.union(held);
        return new State(
                state.records,
                State.replaced(state.held, relay, both),
                State.replaced(state.seen, writer, both),
                state.contexts);
    }

    private State take(State state, int relay, int other) {
        VersionVector both = state.held.get(relay).union(state.held.get(other));
        return new State(state.records, State.replaced(state.held, relay, both), state.seen, state.contexts);
    }

    private State tend(State state, int relay, Rule rule) {
        keeper(state, relay).tend(state.held.get(relay), 0);
        SpaceRecord record = store.record();
        return state.with(relay, rule == Rule.WITHOUT_THE_OTHERS ? record.withPurged(record.fence()) : record);
    }

    private State hear(State state, int relay, int other, Rule rule) {
        List<Aside.Word> words = new ArrayList<>();
        for (Aside.Word word : words(state, other).words(state.held.get(other))) {
            VersionVector held = rule == Rule.WITHOUT_WHAT_THEY_HELD ? VersionVector.EMPTY : word.held();
            words.add(new Aside.Word(word.relay(), word.fence(), held));
        }
        words(state, relay).hear(words, state.held.get(relay));
        return state.with(relay, store.record());
    }

    /** Returns what a relay says and hears as it is shipped, over its record. */
    private RelayWords words(State state, int relay) {
        store.replace(store.record(), state.records.get(relay));
        return new RelayWords(relays.get(relay), store);
    }

    /** Likewise its keeper. */
    private SpaceKeeper keeper(State state, int relay) {
        store.replace(store.record(), state.records.get(relay));
        return new SpaceKeeper(relays.get(relay), store, AT_ONCE);
    }
}
