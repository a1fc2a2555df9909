// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Origin;

/**
 * What a writer had seen of another origin: everything up to {@code seq}, whose hash begins with {@code hashPrefix}. So
 * the change sets of a space form a hash graph, and a forked history cannot pass for the one that was seen.
 */
public record ContextEntry(Origin origin, long seq, long hashPrefix) {
    public ContextEntry {
        if (seq < 1) {
            throw new IllegalArgumentException("seq < 1: " + seq);
        }
    }
}
