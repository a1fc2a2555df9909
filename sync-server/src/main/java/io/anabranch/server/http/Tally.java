// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many of something each caller has under way. Remembers those alone that have any. Thread-safe. */
final class Tally {
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    /** Counts one in, and returns how many the caller has with it. */
    int enter(String caller) {
        return counts.merge(caller, 1, Integer::sum);
    }

    /** Counts one out that was counted in. */
    void leave(String caller) {
        counts.computeIfPresent(caller, (name, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    }

    /** Returns how many a caller has. */
    int of(String caller) {
        return counts.getOrDefault(caller, 0);
    }
}
