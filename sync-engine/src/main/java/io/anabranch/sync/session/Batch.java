// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Part;
import java.util.List;

/**
 * Change sets in causal order, and whether more may follow.
 *
 * @param parts of those among them whose bodies are in parts, or of one that the receiver knows and lacks parts of; in order
 */
public record Batch(List<EncodedChangeSet> changeSets, List<Part> parts, boolean more) {
    public static final Batch EMPTY = new Batch(List.of(), false);

    public Batch {
        changeSets = List.copyOf(changeSets);
        parts = List.copyOf(parts);
    }

    /** Change sets that carry their bodies themselves. */
    public Batch(List<EncodedChangeSet> changeSets, boolean more) {
        this(changeSets, List.of(), more);
    }
}
