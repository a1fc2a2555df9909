// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.peers;

import io.anabranch.server.space.LogText;
import io.anabranch.server.space.RareLines;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.store.RelayStore;
import io.anabranch.sync.change.Hash128;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other relays that this one exchanges with: each space that it knows, with each of them. Who has whom as a peer is free:
 * ring, star, mesh, one way round or both. Thread-safe.
 */
public final class Peering implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);

    private final RelayStore store;
    private final RelaySpaces spaces;
    private final List<PeerAddress> peers;
    private final Clock clock;
    private final RareLines lines = new RareLines(System::nanoTime);
    private final Map<String, PeerLoop> loops = new LinkedHashMap<>();
    private final Map<String, Hash128> sums = new LinkedHashMap<>();
    private long version = -1;
    private boolean closed;

    public Peering(RelayStore store, RelaySpaces spaces, List<PeerAddress> peers, Clock clock) {
        this.store = store;
        this.spaces = spaces;
        this.peers = List.copyOf(peers);
        this.clock = clock;
    }

    /** Notices new spaces, and what anybody put into the store. To be called a few times a second. */
    public synchronized void look() {
        if (peers.isEmpty() || closed) {
            return;
        }
        try {
            long now = store.version();
            if (now != version) {
                store.spaceNames().forEach(this::look);
                version = now;
            }
        } catch (RuntimeException e) {
            // Whoever looks regularly would not be called again. The next look begins where this one did.
            lines.tell(
                    "look",
                    times -> LOG.warn("not-looking times={} other relays hear nothing now: {}", times, e.getMessage()));
        }
    }

    private void look(String space) {
        Hash128 sum = spaces.space(space).heads().sum();
        boolean moved = !sum.equals(sums.put(space, sum));
        for (PeerAddress peer : peers) {
            PeerLoop loop = loops.get(peer + " " + space);
            if (loop == null) {
                loop = new PeerLoop(spaces, space, peer, clock);
                loops.put(peer + " " + space, loop);
                loop.start();
            } else if (moved) {
                loop.moved(sum);
            }
        }
    }

    /** Returns how it goes with each of them, in each space. */
    public synchronized List<PeerState> states() {
        return loops.values().stream().map(PeerLoop::state).collect(Collectors.toList());
    }

    @Override
    public synchronized void close() {
        closed = true;
        loops.values().forEach(PeerLoop::close);
    }
}
