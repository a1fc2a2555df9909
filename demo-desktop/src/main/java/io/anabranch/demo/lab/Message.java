// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.causality.Origin;
import org.jspecify.annotations.Nullable;

/**
 * What travelled along a link: a request, or the answer to one.
 *
 * @param from who sent it
 * @param changeSets how many it carried
 * @param by who wrote the first of them; null if it carried none
 * @param sentNanos when, by {@link System#nanoTime}
 * @param travelNanos how long it takes
 * @param isLost whether it will not arrive
 */
public record Message(
        String from,
        String to,
        int changeSets,
        @Nullable Origin by,
        int bytes,
        long sentNanos,
        long travelNanos,
        boolean isLost) {}
