// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.store.RelayStore;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The spaces of a relay, over its store. Thread-safe. */
public final class RelaySpaces implements Spaces {
    private final RelayStore store;
    private final Retention retention;
    private final ConcurrentMap<String, RelaySpace> spaces = new ConcurrentHashMap<>();

    public RelaySpaces(RelayStore store, Retention retention) {
        this.store = store;
        this.retention = retention;
    }

    /** Returns the name that the relay gave itself. */
    @Override
    public Origin relay() {
        return store.relay();
    }

    /** Returns the space called {@code name}, which begins empty. */
    @Override
    public RelaySpace space(String name) {
        RelaySpace known = spaces.get(name);
        if (known != null) {
            return known;
        }
        RelaySpace space = new RelaySpace(store.relay(), store.space(name), retention);
        RelaySpace raced = spaces.putIfAbsent(name, space);
        return raced == null ? space : raced;
    }

    /** See {@link RelaySpace#tend}. */
    public void tend(long nowMillis) {
        store.spaceNames().forEach(name -> space(name).tend(nowMillis));
    }
}
