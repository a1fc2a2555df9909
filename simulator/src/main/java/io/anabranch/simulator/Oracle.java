// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.Locale;

/** What must always hold, by the names that failures are told by. {@code docs/testing.md} says what each means. */
public enum Oracle {
    ATOMIC_VISIBILITY,
    CAUSALITY,
    MONOTONIC_READS,
    SESSION_GUARANTEES,
    COUNTERS_ARE_THE_ARITHMETIC,
    CONFLICTS_ARE_COMPLETE_AND_NONE_IS_FALSE,
    EACH_LINK_CARRIES_ONCE,
    NO_DOT_IS_USED_TWICE,
    STATUS_NEVER_LIES,
    EXCHANGE,
    CONVERGENCE,
    BOUNDED_ROUNDS,
    NOTHING_ACKNOWLEDGED_IS_LOST,
    NOTHING_COMES_FROM_NOWHERE,
    TABLES_ARE_WHAT_THE_TYPES_SAY,
    SCHEMA_CHANGES_SEND_NO_ROWS,
    CONSTRAINTS_HOLD,
    FILES_STAY_WHOLE,
    VERIFIES,
    POISON_STAYS_LOCAL,
    COST_FOLLOWS_THE_CHANGE,
    OTHER_VERSIONS_ARE_TOLD,
    NO_SURPRISE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
