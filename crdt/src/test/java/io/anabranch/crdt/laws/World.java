// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.laws;

import io.anabranch.crdt.causality.Origin;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Three replicas of one value, and all that happened to them. Confined to one thread. */
final class World<S, A> {
    static final int REPLICAS = 3;
    private static final long[] CLOCKS = {100, 150, 50};

    private final CrdtLaws<S, A> type;
    private final List<S> states = new ArrayList<>();
    private final List<BitSet> seen = new ArrayList<>();
    private final List<Event<A>> events = new ArrayList<>();
    private final List<S> deltas = new ArrayList<>();

    World(CrdtLaws<S, A> type) {
        this.type = type;
        for (int i = 0; i < REPLICAS; i++) {
            states.add(type.empty());
            seen.add(new BitSet());
        }
    }

    World(World<S, A> other) {
        type = other.type;
        states.addAll(other.states);
        other.seen.forEach(bits -> seen.add((BitSet) bits.clone()));
        events.addAll(other.events);
        deltas.addAll(other.deltas);
    }

    static <S, A> World<S, A> after(CrdtLaws<S, A> type, List<Step> history) {
        World<S, A> world = new World<>(type);
        history.forEach(world::run);
        return world;
    }

    void run(Step step) {
        if (step instanceof Step.Edit edit) {
            edit(
                    edit.replica(),
                    type.actions().get(edit.action() % type.actions().size()));
        } else if (step instanceof Step.Pull pull) {
            pull(pull.replica(), pull.from());
        } else if (step instanceof Step.Deliver deliver && !events.isEmpty()) {
            Event<A> last = events.get(deliver.event() % events.size());
            for (Event<A> event : events) {
                if (event.origin().equals(last.origin()) && event.number() <= last.number()) {
                    deliver(event.number(), deliver.replica());
                }
            }
        }
    }

    /** Returns false if the type refuses this action here. */
    boolean edit(int replica, A action) {
        int number = events.size() + 1;
        BitSet past = (BitSet) seen.get(replica).clone();
        Event<A> event = new Event<>(number, Origin.of(0, replica + 1), action, CLOCKS[replica] + number, past);
        S before = states.get(replica);
        S after = type.edit(before, event);
        S delta = type.delta(before, event);
        if ((after == null) != (delta == null)) {
            throw new AssertionError("one of edit and delta refuses " + event + ": " + after + ", " + delta);
        }
        if (after == null || delta == null) {
            return false;
        }
        if (!type.merge(before, delta).equals(after)) {
            throw new AssertionError("the delta of " + event + " is not the edit: " + before + " with " + delta
                    + " gives " + type.merge(before, delta) + ", not " + after);
        }
        if (!type.merge(before, after).equals(after)) {
            throw new AssertionError(event + " does not only grow the state: " + before + " to " + after);
        }
        events.add(event);
        deltas.add(delta);
        states.set(replica, after);
        seen.get(replica).set(number);
        return true;
    }

    void pull(int replica, int from) {
        states.set(replica, type.merge(states.get(replica), states.get(from)));
        seen.get(replica).or(seen.get(from));
    }

    void deliver(int number, int replica) {
        states.set(replica, type.merge(states.get(replica), deltas.get(number - 1)));
        seen.get(replica).set(number);
        if (type.deltaHoldsPast()) {
            seen.get(replica).or(events.get(number - 1).seen());
        }
    }

    S state(int replica) {
        return states.get(replica);
    }

    List<S> deltas() {
        return deltas;
    }

    List<Event<A>> events() {
        return events;
    }

    boolean has(int replica, int event) {
        return seen.get(replica).get(event);
    }

    /** Returns whether everything has arrived that the editors of what has arrived had seen. */
    boolean isCausal(int replica) {
        BitSet missing = new BitSet();
        past(replica).events().forEach(event -> missing.or(event.seen()));
        missing.andNot(seen.get(replica));
        return missing.isEmpty();
    }

    Past<A> past() {
        return new Past<>(events, events);
    }

    Past<A> past(int replica) {
        return new Past<>(
                events.stream()
                        .filter(event -> seen.get(replica).get(event.number()))
                        .toList(),
                events);
    }

    /** Returns the state that holds everything. */
    S joined() {
        return type.merge(type.merge(states.get(0), states.get(1)), states.get(2));
    }

    @Override
    public String toString() {
        return events + " -> " + states;
    }
}
