// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a replica stands, at one moment.
 *
 * @param at when that was
 * @param origin under which it writes
 * @param vector what it holds
 * @param unsealed row changes captured and in no change set yet
 * @param unacknowledged change sets that no peer has said it holds
 * @param hidden rows that the application's tables would not have; {@code Replica.hidden} says why
 * @param violations rows that fail a CHECK since two legal writes merged; they show, and {@code Replica.violations} lists them
 * @param rejected values that their column's rule could not take; {@code _ab_rejected} lists them
 * @param clocksAhead origins that stamp what they write more than five minutes later than it is here, this one among them if it does
 * @param schemaChanged tables whose schema a program without the library has changed: what was written to them since is not among
 *     {@code unsealed} yet, and is found by the next exchange or write of this replica
 * @param ruleConflicts columns for which two rules were declared apart, as far as this replica came to see it
 * @param divergence the last time that rows here were not what another's are, or what the history here makes of them; null if there
 *     never was one
 * @param peers that ever answered
 */
public record SyncStatus(
        Instant at,
        String space,
        Origin origin,
        VersionVector vector,
        long unsealed,
        long unacknowledged,
        long hidden,
        long violations,
        long rejected,
        List<ClockAhead> clocksAhead,
        List<String> schemaChanged,
        List<RuleConflict> ruleConflicts,
        @Nullable Divergence divergence,
        List<PeerStatus> peers) {
    public SyncStatus {
        clocksAhead = List.copyOf(clocksAhead);
        schemaChanged = List.copyOf(schemaChanged);
        ruleConflicts = List.copyOf(ruleConflicts);
        peers = List.copyOf(peers);
    }

    /** Returns what it holds as a token; rows that are captured and not sealed are not in it. */
    public Version version() {
        return Version.of(vector);
    }

    /** Returns what would be lost with this file: captured rows and unacknowledged change sets. */
    public long pending() {
        return unsealed + unacknowledged;
    }
}
