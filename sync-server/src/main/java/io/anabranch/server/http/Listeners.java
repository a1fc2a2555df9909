// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.store.RelayStore;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.sql.SqlException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who listens to which space, and how they hear. Only a saving of time: what they are told is a hint or fits what they hold,
 * and what they miss the next exchange brings. Thread-safe.
 */
public final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.US_ASCII);
    /** Larger ones are announced, and fetched by who wants them. */
    private static final int LARGEST_PUSH_BYTES = 64 << 10;

    private final RelayStore store;
    private final RelaySpaces spaces;
    private final Limits limits;
    private final Map<String, Room> rooms = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> byCaller = new ConcurrentHashMap<>();
    private final AtomicInteger all = new AtomicInteger();
    private volatile long storeVersion = -1;
    private volatile boolean closed;

    Listeners(RelayStore store, RelaySpaces spaces, Limits limits) {
        this.store = store;
        this.spaces = spaces;
        this.limits = limits;
    }

    /** Returns how many listen. */
    public int count() {
        return all.get();
    }

    /** Counts a listener in, or refuses. Each is counted out once with {@link #leave}. */
    void enter(String caller) {
        int ofCaller =
                byCaller.computeIfAbsent(caller, name -> new AtomicInteger()).incrementAndGet();
        if (all.incrementAndGet() > limits.listeners() || ofCaller > limits.listenersPerToken()) {
            leave(caller);
            probe(caller);
            throw new Problem(
                            429,
                            "too-many-listeners",
                            "Too many listeners",
                            "nobody listens: this token, or the relay, has as many listeners as it may. Ask again from"
                                    + " time to time instead; nothing is lost")
                    .header("Retry-After", "5");
        }
    }

    /** Whoever hung up is noticed only when something is written to them. */
    private void probe(String caller) {
        rooms.forEach((space, room) -> room.streams.forEach(stream -> {
            if (stream.countedAs().equals(caller) && !stream.isOnce()) {
                stream.tell(HEARTBEAT, HEARTBEAT);
            }
        }));
    }

    void leave(String caller) {
        all.decrementAndGet();
        byCaller.computeIfPresent(caller, (name, count) -> count.decrementAndGet() == 0 ? null : count);
    }

    /** Lets a stream hear what happens in a space, from what is held now on. */
    void add(String space, EventStream stream, Predicate<Hash128> isNews) {
        Room room = rooms.computeIfAbsent(space, name -> new Room());
        room.streams.add(stream);
        if (closed) {
            stream.end();
            return;
        }
        Hash128 sum = spaces.space(space).heads().sum();
        room.lastSum = sum;
        if (!stream.isOnce() || isNews.test(sum)) {
            byte[] heads = heads(sum);
            stream.tell(heads, heads);
        }
    }

    void remove(String space, EventStream stream) {
        rooms.computeIfPresent(space, (name, room) -> {
            room.streams.remove(stream);
            return room.streams.isEmpty() ? null : room;
        });
    }

    /** Returns the names of those who listen to a space and said who they are. */
    Set<String> originsIn(String space) {
        Set<String> origins = new HashSet<>();
        Room room = rooms.get(space);
        if (room != null) {
            room.streams.forEach(stream -> {
                Origin self = stream.self();
                if (self != null) {
                    origins.add(self.toString());
                }
            });
        }
        return origins;
    }

    boolean hasAny(String space) {
        return rooms.containsKey(space);
    }

    /**
     * Tells all who listen to a space what was taken, save the one who brought it.
     *
     * @return those who were sent it whole, as far as they said who they are
     */
    List<Origin> publish(String space, Origin sender, SyncReply push) {
        Room room = rooms.get(space);
        List<Origin> told = new ArrayList<>();
        if (room == null) {
            return told;
        }
        room.lastSum = push.sum();
        byte[] heads = heads(push.sum());
        byte[] message = MessageCodec.encode(push);
        byte[] event = message.length > LARGEST_PUSH_BYTES
                ? heads
                : EventStream.event("push", Base64.getEncoder().encodeToString(message));
        for (EventStream stream : room.streams) {
            if (!stream.isOf(sender)) {
                stream.tell(stream.isOnce() ? heads : event, heads);
                Origin self = stream.self();
                if (self != null && event != heads && !stream.isOnce()) {
                    told.add(self);
                }
            }
        }
        return told;
    }

    private static byte[] heads(Hash128 sum) {
        return EventStream.event("heads", sum.toString());
    }

    // ---- Chores

    /** Notices what other processes put into the store. To be called a few times a second. */
    public void look() {
        if (rooms.isEmpty()) {
            return;
        }
        try {
            long version = store.version();
            if (version != storeVersion) {
                storeVersion = version;
                rooms.forEach(this::tellIfMoved);
            }
        } catch (SqlException e) {
            LOG.warn("listeners hear nothing of other processes now: {}", e.getMessage());
        }
    }

    private void tellIfMoved(String space, Room room) {
        Hash128 sum = spaces.space(space).heads().sum();
        if (!sum.equals(room.lastSum)) {
            room.lastSum = sum;
            byte[] heads = heads(sum);
            room.streams.forEach(stream -> stream.tell(heads, heads));
        }
    }

    /** Keeps connections from looking idle, and ends those of tokens that were revoked. To be called every 25 seconds. */
    public void heartbeat(Predicate<Caller> isStillGood) {
        rooms.forEach((space, room) -> room.streams.forEach(stream -> {
            if (!isStillGood.test(stream.caller())) {
                stream.end();
            } else if (!stream.isOnce()) {
                stream.tell(HEARTBEAT, HEARTBEAT);
            }
        }));
    }

    /** Ends all, and lets nobody in any more: they would keep the relay from stopping. */
    public void close() {
        closed = true;
        rooms.forEach((space, room) -> room.streams.forEach(EventStream::end));
    }

    /** The listeners of one space. */
    private static final class Room {
        private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
        private volatile Hash128 lastSum = Hash128.ZERO;
    }
}
