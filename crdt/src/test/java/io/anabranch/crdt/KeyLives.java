// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which life of its key each update of a map went into, from who had seen what. Actions are {@code +key…} for an update
 * and {@code -key} for a remove, keys one letter. A life is named by the event that began it.
 */
final class KeyLives {
    private final Map<Event<String>, Event<String>> lifeOf = new HashMap<>();
    private final Map<Event<String>, List<Event<String>>> endedBy = new HashMap<>();

    KeyLives(Past<String> past) {
        for (Event<String> event : past.history()) {
            List<Event<String>> seen =
                    past.history().stream().filter(event::saw).toList();
            List<Event<String>> alive = alive(key(event), seen);
            if (event.action().startsWith("-")) {
                endedBy.put(event, alive);
            } else {
                lifeOf.put(
                        event,
                        alive.stream()
                                .min(Comparator.comparing(Event<String>::origin).thenComparing(Event::number))
                                .orElse(event));
            }
        }
    }

    private static String key(Event<String> event) {
        return event.action().substring(1, 2);
    }

    Event<String> lifeOf(Event<String> update) {
        return lifeOf.get(update);
    }

    private List<Event<String>> alive(String key, List<Event<String>> events) {
        List<Event<String>> lives = new ArrayList<>();
        for (Event<String> event : events) {
            Event<String> life = lifeOf.get(event);
            if (life != null && key(event).equals(key) && !lives.contains(life) && isAlive(life, events)) {
                lives.add(life);
            }
        }
        return lives;
    }

    /** Returns whether no remove among {@code events} had seen the life. */
    boolean isAlive(Event<String> life, List<Event<String>> events) {
        return events.stream()
                .noneMatch(event -> endedBy.getOrDefault(event, List.of()).contains(life));
    }
}
