// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.sync.change.EncodedChangeSet;
import java.util.List;

/** Change sets in causal order, and whether more follow. */
public record Batch(List<EncodedChangeSet> changeSets, boolean more) {
    public static final Batch EMPTY = new Batch(List.of(), false);

    public Batch {
        changeSets = List.copyOf(changeSets);
    }
}
