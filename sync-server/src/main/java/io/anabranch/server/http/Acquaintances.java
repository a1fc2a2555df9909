// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.EncodedChangeSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Who has talked to this relay since it started, for those who look at it. Nothing depends on it: it is lost with the process,
 * knows nothing of other processes over the same store, and of very many replicas it remembers the latest. Thread-safe.
 */
final class Acquaintances {
    private static final int MOST_REPLICAS = 10_000;
    private static final int MOST_TOKENS = 10_000;

    /** In order of last contact. Guarded by itself. */
    private final Map<Key, Replica> replicas = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Replica> eldest) {
            return size() > MOST_REPLICAS;
        }
    };

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
            VersionVector next = given;
            long count = 0;
            for (EncodedChangeSet changeSet : changeSets) {
                Origin writer = changeSet.header().origin();
                if (changeSet.header().seq() == next.get(writer) + 1) {
                    next = next.with(writer, changeSet.header().seq());
                    count++;
                }
            }
            return new Replica(
                    origin, relay, token, software, lastSeenMillis, clockOffsetMillis, next, sent, received + count);
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
            replicas.put(new Key(space, now.origin), next.give(given));
        }
    }

    /** Notes that listeners were told of change sets unasked. */
    void told(String space, List<Origin> listeners, List<EncodedChangeSet> changeSets) {
        UnaryOperator<Replica> give = replica -> replica.give(changeSets);
        synchronized (replicas) {
            for (Origin listener : listeners) {
                replicas.computeIfPresent(new Key(space, listener), (key, replica) -> give.apply(replica));
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
            return replicas.remove(new Key(space, origin)) != null;
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
