// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.sync.change.Heads;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Who listens to which space. A room is there while somebody is in it. Thread-safe.
 *
 * @param <T> a listener, by identity
 */
final class Rooms<T> {
    private final Map<String, Room<T>> rooms = new ConcurrentHashMap<>();

    /** Lets a listener in, and returns where it is. Nobody can take the room away in between. */
    Room<T> enter(String space, T listener) {
        return rooms.compute(space, (name, known) -> {
            Room<T> room = known == null ? new Room<>() : known;
            room.listeners.add(listener);
            return room;
        });
    }

    void leave(String space, T listener) {
        rooms.computeIfPresent(space, (name, room) -> {
            room.listeners.remove(listener);
            return room.listeners.isEmpty() ? null : room;
        });
    }

    /** Returns the room of a space; null if nobody is there. */
    @Nullable
    Room<T> of(String space) {
        return rooms.get(space);
    }

    boolean isEmpty() {
        return rooms.isEmpty();
    }

    void forEach(BiConsumer<String, Room<T>> each) {
        rooms.forEach(each);
    }

    /** The listeners of one space, and what they were told of last. */
    static final class Room<T> {
        private final Set<T> listeners = ConcurrentHashMap.newKeySet();
        /** Null until the first listener is told. Guarded by this. */
        private @Nullable Heads told;

        Set<T> listeners() {
            return listeners;
        }

        /** A listener begins to hear. Returns what it is to be told of: {@code held}, unless others were told of more already. */
        synchronized Heads begin(Heads held) {
            Heads begun = told == null ? held : told;
            told = begun;
            return begun;
        }

        /** Returns what was told of last; null if it was this, or if nobody has begun to hear. */
        synchronized @Nullable Heads move(Heads held) {
            Heads before = held.equals(told) ? null : told;
            told = held;
            return before;
        }
    }
}
