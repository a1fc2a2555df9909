// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.space.LogText;
import io.anabranch.server.space.RareLines;
import io.anabranch.server.space.Space;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.Holdings;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who listens to which space, and how they hear. Only a saving of time: what they are told is a hint or fits what they hold,
 * and what they miss the next exchange brings. Thread-safe.
 */
public final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);
    private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.US_ASCII);
    /** Larger ones are announced, and fetched by who wants them. */
    private static final int LARGEST_PUSH_BYTES = 64 << 10;

    private final Holdings store;
    private final Spaces spaces;
    private final Limits limits;
    private final Clock clock;
    private final RareLines lines = new RareLines(System::nanoTime);
    private final Rooms<EventStream> rooms = new Rooms<>();
    private final Tally byCaller = new Tally();
    private final AtomicInteger all = new AtomicInteger();
    private volatile long storeVersion = -1;
    private volatile boolean closed;

    Listeners(Holdings store, Spaces spaces, Limits limits, Clock clock) {
        this.store = store;
        this.spaces = spaces;
        this.limits = limits;
        this.clock = clock;
    }

    /** Returns how many listen. */
    public int count() {
        return all.get();
    }

    /** Counts a listener in, or refuses. Each is counted out once with {@link #leave}. */
    void enter(String caller) {
        int ofCaller = byCaller.enter(caller);
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
        rooms.forEach((space, room) -> room.listeners().forEach(stream -> {
            if (stream.countedAs().equals(caller) && !stream.isOnce()) {
                stream.tell(HEARTBEAT, HEARTBEAT);
            }
        }));
    }

    void leave(String caller) {
        all.decrementAndGet();
        byCaller.leave(caller);
    }

    /** Lets a stream hear what happens in a space, from what is held now on. */
    void add(String space, EventStream stream, Predicate<Hash128> isNews) {
        Rooms.Room<EventStream> room = rooms.enter(space, stream);
        if (closed) {
            stream.end();
            return;
        }
        Hash128 sum = room.begin(spaces.space(space).heads()).sum();
        if (!stream.isOnce() || isNews.test(sum)) {
            byte[] heads = heads(sum);
            stream.tell(heads, heads);
        }
    }

    void remove(String space, EventStream stream) {
        rooms.leave(space, stream);
    }

    /** Returns the names of those who listen to a space and said who they are. */
    Set<String> originsIn(String space) {
        Set<String> origins = new HashSet<>();
        Rooms.Room<EventStream> room = rooms.of(space);
        if (room != null) {
            room.listeners().forEach(stream -> {
                Origin self = stream.self();
                if (self != null) {
                    origins.add(self.toString());
                }
            });
        }
        return origins;
    }

    boolean hasAny(String space) {
        return rooms.of(space) != null;
    }

    /**
     * Tells all who listen to a space what was taken, save the one who brought it.
     *
     * @param held what the space holds now
     * @return those who were sent it whole, as far as they said who they are
     */
    List<Origin> publish(String space, Origin sender, Heads held, SyncReply push) {
        Rooms.Room<EventStream> room = rooms.of(space);
        List<Origin> told = new ArrayList<>();
        if (room == null || room.move(held) == null) {
            return told; // Nobody is there to hear, or whoever looked in between has told.
        }
        byte[] heads = heads(push.sum());
        byte[] message = MessageCodec.encode(push);
        byte[] event = message.length > LARGEST_PUSH_BYTES
                ? heads
                : EventStream.event("push", Base64.getEncoder().encodeToString(message));
        for (EventStream stream : room.listeners()) {
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

    /** Notices what was put into the store otherwise than by a request to this process. To be called a few times a second. */
    public synchronized void look() {
        if (rooms.isEmpty()) {
            return;
        }
        try {
            long version = store.version();
            if (version != storeVersion) {
                rooms.forEach(this::tellIfMoved);
                storeVersion = version;
            }
        } catch (RuntimeException e) {
            // Whoever looks regularly would not be called again. The next look begins where this one did.
            lines.tell(
                    "look",
                    times -> LOG.warn(
                            "not-looking times={} listeners hear nothing of other processes now: {}",
                            times,
                            e.getMessage()));
        }
    }

    private void tellIfMoved(String name, Rooms.Room<EventStream> room) {
        Space space = spaces.space(name);
        Heads held = space.heads();
        Heads before = room.move(held);
        if (before == null) {
            return;
        }
        byte[] hint = heads(held.sum());
        List<EncodedChangeSet> news = news(space, before, held);
        byte[] event = news.isEmpty() ? hint : push(space, before, held, news);
        for (EventStream stream : room.listeners()) {
            boolean isItsOwn = !news.isEmpty()
                    && news.stream()
                            .allMatch(
                                    changeSet -> stream.isOf(changeSet.header().origin()));
            if (!isItsOwn) {
                stream.tell(stream.isOnce() ? hint : event, hint);
            }
        }
    }

    /** Returns what leads from {@code before} to {@code held}, if it is little and in one piece; else nothing. */
    private static List<EncodedChangeSet> news(Space space, Heads before, Heads held) {
        Batch batch = space.missing(before.vector(), null, LARGEST_PUSH_BYTES);
        Map<Origin, Head> moved = new TreeMap<>();
        batch.changeSets().forEach(changeSet -> moved.put(changeSet.header().origin(), changeSet.head()));
        boolean leadsThere = batch.parts().isEmpty() && before.with(moved).equals(held);
        return leadsThere ? batch.changeSets() : List.of();
    }

    private byte[] push(Space space, Heads before, Heads held, List<EncodedChangeSet> news) {
        byte[] message = MessageCodec.encode(new SyncReply(
                spaces.relay(),
                space.epoch(),
                clock.millis(),
                false,
                held.sum(),
                held.changesFrom(before),
                Head.NONE,
                news,
                false));
        return message.length > LARGEST_PUSH_BYTES
                ? heads(held.sum())
                : EventStream.event("push", Base64.getEncoder().encodeToString(message));
    }

    /** Keeps connections from looking idle, and ends those of tokens that were revoked. To be called every 25 seconds. */
    public void heartbeat(Predicate<Caller> isStillGood) {
        rooms.forEach((space, room) -> room.listeners().forEach(stream -> {
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
        rooms.forEach((space, room) -> room.listeners().forEach(EventStream::end));
    }
}
