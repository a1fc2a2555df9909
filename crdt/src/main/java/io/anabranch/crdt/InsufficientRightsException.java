// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** A replica wanted to take or transfer more than it has rights to. Ask a holder for a transfer, then try again. */
public final class InsufficientRightsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient SortedMap<Origin, Long> holders;

    InsufficientRightsException(Origin self, long wanted, SortedMap<Origin, Long> holders) {
        super(self + " holds rights to " + holders.getOrDefault(self, 0L) + " of " + wanted + "; holders: " + holders);
        this.holders = new TreeMap<>(holders);
    }

    /** Returns who holds how many rights, as far as is known here, by ascending origin. */
    public SortedMap<Origin, Long> holders() {
        return Collections.unmodifiableSortedMap(holders);
    }
}
