// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.access.TokenStore;
import io.anabranch.sync.session.SpaceName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A relay's store in memory, keyed as one of many machines would be: (space, origin, seq). It knows no order of arrival. What
 * it keeps outlives {@link #close} for {@link #reopen}. Thread-safe.
 */
public final class MemoryRelayStore implements RelayStore {
    /** What all handles to one store share. Guards all of it. */
    static final class Kept {
        private final Map<String, MemorySpace.Room> spaces = new TreeMap<>();
        private final Map<String, TokenStore.Entry> tokens = new TreeMap<>();
        private final Origin relay;

        Kept(Origin relay) {
            this.relay = relay;
        }

        long version;
    }

    private final Kept kept;
    private boolean closed;

    public MemoryRelayStore() {
        this(new Kept(Origin.of(7, 7)));
    }

    /** Returns a store of a relay with another name. */
    public static MemoryRelayStore named(int number) {
        return new MemoryRelayStore(new Kept(Origin.of(7, number)));
    }

    private MemoryRelayStore(Kept kept) {
        this.kept = kept;
    }

    /** Returns another handle to the same store, as another process would have. */
    public MemoryRelayStore reopen() {
        return new MemoryRelayStore(kept);
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
    }

    @Override
    public Origin relay() {
        return kept.relay;
    }

    @Override
    public SpaceStore space(String name) {
        if (!SpaceName.isValid(name)) {
            throw new IllegalArgumentException("not the name of a space: '" + name + "'");
        }
        synchronized (kept) {
            return new MemorySpace(
                    this,
                    kept,
                    kept.spaces.computeIfAbsent(name, each -> new MemorySpace.Room(kept.spaces.size() + 1)));
        }
    }

    @Override
    public long version() {
        synchronized (kept) {
            return kept.version;
        }
    }

    @Override
    public List<String> spaceNames() {
        synchronized (kept) {
            return List.copyOf(kept.spaces.keySet());
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public TokenStore tokens() {
        return new MemoryTokens(kept.tokens);
    }
}
