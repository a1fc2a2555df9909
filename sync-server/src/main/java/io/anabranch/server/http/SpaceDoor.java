// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.space.Space;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.Holdings;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Leads to the space that a request names, which begins with that. Where nobody needs a token anybody could begin any number of them:
 * there they are bounded. Those that tokens were made for are there already. Thread-safe.
 */
final class SpaceDoor {
    private static final String RETRY_SECONDS = "300";

    private final Holdings store;
    private final Spaces spaces;
    private final long mostSpaces;
    /** Those that were seen to be there. Never more than there may be. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    SpaceDoor(Holdings store, Spaces spaces, Limits limits) {
        this.store = store;
        this.spaces = spaces;
        this.mostSpaces = limits.spaces();
    }

    /** Returns the name of the peer that answers. */
    Origin relay() {
        return spaces.relay();
    }

    Space enter(String name, Caller caller) {
        if (caller.family() == null && !known.contains(name)) {
            List<String> names = store.spaceNames();
            if (!names.contains(name) && names.size() >= mostSpaces) {
                throw full();
            }
            if (known.size() < mostSpaces) {
                known.add(name);
            }
        }
        return spaces.space(name);
    }

    private Problem full() {
        return new Problem(
                        507,
                        "quota-spaces",
                        "Too many spaces",
                        "nothing of the request was taken: no such space is here, and there are as many as there may be, "
                                + mostSpaces
                                + ". Ask whoever runs the relay; what was written stays with its replica until"
                                + " then")
                .with("limit", mostSpaces)
                .header("Retry-After", RETRY_SECONDS);
    }
}
