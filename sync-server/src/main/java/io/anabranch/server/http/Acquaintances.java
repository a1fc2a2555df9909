// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.EncodedChangeSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who has talked to this relay since it started, for those who look at it. Nothing depends on it: it is lost with the process,
 * knows nothing of other processes over the same store, and of very many replicas it remembers the latest. Thread-safe.
 */
final class Acquaintances {
    private static final int MOST_REPLICAS = 10_000;
    private static final int MOST_TOKENS = 10_000;
    /** Of what all of them hold together: whoever may ask may say that it holds very much, under any number of names. */
    private static final long MOST_ORIGINS = 200_000;

    /** In order of last contact. Guarded by itself. */
    private final Map<Key, Replica> replicas = new LinkedHashMap<>(16, 0.75f, true);

    /** Of what all of them hold together. Guarded by {@link #replicas}. */
    private long origins;

    private final Map<String, Long> tokensUsed = new ConcurrentHashMap<>();

    private record Key(String space, Origin origin) {}

    /**
     * A replica as this relay met it last.
     *
     * @param relay whether it is another relay
     * @param token the id of the token that it came with; null for none
     * @param software what it says that it is; empty if it does not
     * @param lastSeenMillis when it last asked
     * @param clockOffsetMillis how far its clock was ahead of the relay's; null if it did not say
     * @param given what it holds, as far as the relay has heard and given
     * @param sent change sets that it brought, and {@code received} those that it was given, since the relay started
     */
    record Replica(
            Origin origin,
            boolean relay,
            @Nullable String token,
            String software,
            long lastSeenMillis,
            @Nullable Long clockOffsetMillis,
            VersionVector given,
            long sent,
            long received) {
        Replica give(List<EncodedChangeSet> changeSets) {
            Map<Origin, Long> next = new TreeMap<>();
            long count = 0;
            for (EncodedChangeSet changeSet : changeSets) {
                Origin writer = changeSet.header().origin();
                if (changeSet.header().seq() == next.getOrDefault(writer, given.get(writer)) + 1) {
                    next.put(writer, changeSet.header().seq());
                    count++;
                }
            }
            return new Replica(
                    origin,
                    relay,
                    token,
                    software,
                    lastSeenMillis,
                    clockOffsetMillis,
                    given.union(VersionVector.of(next)),
                    sent,
                    received + count);
        }
    }

    /** Notes an exchange: what the replica held, brought and was given. */
    void met(String space, Replica now, List<EncodedChangeSet> brought, List<EncodedChangeSet> given) {
        synchronized (replicas) {
            Replica before = replicas.get(new Key(space, now.origin));
            long sent = (before == null ? 0 : before.sent) + brought.size();
            long received = before == null ? 0 : before.received;
            Replica next = new Replica(
                    now.origin,
                    now.relay,
                    now.token,
                    now.software,
                    now.lastSeenMillis,
                    now.clockOffsetMillis,
                    now.given,
                    sent,
                    received);
            put(new Key(space, now.origin), next.give(given));
        }
    }

    /** Forgets those met longest ago where there are too many, or they hold too much. */
    private void put(Key key, Replica replica) {
        Replica before = replicas.put(key, replica);
        origins += replica.given.size() - (before == null ? 0 : before.given.size());
        Iterator<Replica> eldest = replicas.values().iterator();
        while (replicas.size() > MOST_REPLICAS || origins > MOST_ORIGINS && replicas.size() > 1) {
            origins -= eldest.next().given.size();
            eldest.remove();
        }
    }

    /** Notes that listeners were told of change sets unasked. */
    void told(String space, List<Origin> listeners, List<EncodedChangeSet> changeSets) {
        synchronized (replicas) {
            for (Origin listener : listeners) {
                Key key = new Key(space, listener);
                Replica replica = replicas.get(key);
                if (replica != null) {
                    put(key, replica.give(changeSets));
                }
            }
        }
    }

    void used(String token, long nowMillis) {
        if (tokensUsed.size() < MOST_TOKENS || tokensUsed.containsKey(token)) {
            tokensUsed.put(token, nowMillis);
        }
    }

    /** Returns when a token was last used, in milliseconds since 1970; null if it was not, since the relay started. */
    @Nullable
    Long lastUsedMillis(String token) {
        return tokensUsed.get(token);
    }

    /** Returns whether there was anything to forget. If it comes again it is met again. */
    boolean forget(String space, Origin origin) {
        synchronized (replicas) {
            Replica forgotten = replicas.remove(new Key(space, origin));
            origins -= forgotten == null ? 0 : forgotten.given.size();
            return forgotten != null;
        }
    }

    /** A replica, and the space in which it was met. */
    record Met(String space, Replica replica) {}

    /** Returns so many of those met last, in any space. */
    List<Met> latest(int most) {
        List<Met> all = new ArrayList<>();
        synchronized (replicas) {
            replicas.forEach((key, replica) -> all.add(new Met(key.space, replica)));
        }
        return all.subList(Math.max(0, all.size() - most), all.size());
    }

    /** Returns the replicas of a space, the latest first. */
    List<Replica> of(String space) {
        List<Replica> found = new ArrayList<>();
        synchronized (replicas) {
            replicas.forEach((key, replica) -> {
                if (key.space.equals(space)) {
                    found.add(replica);
                }
            });
        }
        found.sort((a, b) -> Long.compare(b.lastSeenMillis, a.lastSeenMillis));
        return found;
    }
}
