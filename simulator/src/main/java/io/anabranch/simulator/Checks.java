// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** Asks oracles, and counts how often each was asked: one that never is has shown nothing. Confined to one thread. */
final class Checks {
    private final Map<Oracle, Long> asked = new EnumMap<>(Oracle.class);

    /** Throws if what {@code oracle} looks after does not hold, and says {@code otherwise}. */
    void that(Oracle oracle, boolean holds, Supplier<String> otherwise) {
        asked.merge(oracle, 1L, Long::sum);
        if (!holds) {
            throw new Violation(oracle, otherwise.get());
        }
    }

    /** Returns how often each was asked. */
    Map<Oracle, Long> asked() {
        return asked;
    }
}
