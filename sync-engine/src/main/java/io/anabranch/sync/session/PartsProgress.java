// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.PartsHeld;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether one side has come to hold more parts than ever: that alone is progress, since what is claimed may go up and down
 * for ever. Confined to one thread.
 */
final class PartsProgress {
    private static final int MOST_CHANGE_SETS = 1_000;

    /** By the hash of the change set. */
    private final Map<Hash128, Integer> most = new HashMap<>();

    boolean isMore(List<PartsHeld> now) {
        boolean more = false;
        for (PartsHeld held : now) {
            if (held.count() > most.getOrDefault(held.hash(), 0) && most.size() < MOST_CHANGE_SETS) {
                most.put(held.hash(), held.count());
                more = true;
            }
        }
        return more;
    }
}
