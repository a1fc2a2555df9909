// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

class SequenceLaws extends CrdtLaws<Sequence<Long>, String> {
    @Override
    protected Sequence<Long> merge(Sequence<Long> a, Sequence<Long> b) {
        return a.merge(b);
    }

    @Override
    protected Sequence<Long> empty() {
        return Sequence.empty();
    }

    @Override
    protected Codec<Sequence<Long>> codec() {
        return Sequence.codec(Codecs.integer());
    }

    /** Inserts the event's number; moves or removes the lowest number. */
    @Override
    protected List<String> actions() {
        return List.of("insert first", "insert last", "move", "remove");
    }

    @Override
    protected @Nullable Sequence<Long> edit(Sequence<Long> state, Event<String> event) {
        long value = event.number();
        int lowest = lowest(state);
        return switch (event.action()) {
            case "insert first" -> state.insert(event.origin(), 0, value);
            case "insert last" -> state.insert(event.origin(), state.size(), value);
            case "move" -> lowest < 0 ? null : state.move(event.origin(), event.stamp(), lowest, state.size() - 1);
            default -> lowest < 0 ? null : state.remove(lowest);
        };
    }

    @Override
    protected @Nullable Sequence<Long> delta(Sequence<Long> state, Event<String> event) {
        long value = event.number();
        int lowest = lowest(state);
        return switch (event.action()) {
            case "insert first" -> state.insertDelta(event.origin(), 0, value);
            case "insert last" -> state.insertDelta(event.origin(), state.size(), value);
            case "move" -> lowest < 0 ? null : state.moveDelta(event.origin(), event.stamp(), lowest, state.size() - 1);
            default -> lowest < 0 ? null : state.removeDelta(lowest);
        };
    }

    private static int lowest(Sequence<Long> state) {
        List<Long> values = state.values();
        return values.isEmpty() ? -1 : values.indexOf(Collections.min(values));
    }

    /** What is in it; that the order is the same everywhere follows from equal states. */
    @Override
    protected Object value(Sequence<Long> state) {
        List<Long> values = new ArrayList<>(state.values());
        Collections.sort(values);
        return values;
    }

    @Override
    protected Object inTheTable(Sequence<Long> state) {
        return state.values();
    }

    /** What was inserted, or moved, and not removed, each once. */
    @Override
    protected Object expected(Past<String> past) {
        Map<Event<String>, Long> targets = new HashMap<>();
        for (Event<String> event : past.history()) {
            List<Event<String>> seen =
                    past.history().stream().filter(event::saw).toList();
            boolean inserts = event.action().startsWith("insert");
            // A delta brings no past, so an editor may know an item only by its move.
            targets.put(
                    event,
                    inserts ? (long) event.number() : present(seen, targets).get(0));
        }
        return present(past.events(), targets);
    }

    private static List<Long> present(List<Event<String>> events, Map<Event<String>, Long> targets) {
        TreeSet<Long> items = new TreeSet<>();
        events.forEach(event -> items.add(targets.get(event)));
        events.stream()
                .filter(event -> event.action().equals("remove"))
                .forEach(event -> items.remove(targets.get(event)));
        return new ArrayList<>(items);
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("insert last", "insert last");
    }
}
