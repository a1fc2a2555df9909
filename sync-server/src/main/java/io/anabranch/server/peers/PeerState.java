// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.peers;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.session.SyncOutcome;
import org.jspecify.annotations.Nullable;

/**
 * How exchanging a space with another relay goes. Immutable.
 *
 * @param url the other relay's address
 * @param last how the last exchange ended; null before there was one
 * @param settledMillis when both last held the same, in milliseconds since 1970; null if they have not since this relay started
 * @param holds what the other held when it last answered
 */
public record PeerState(
        String url,
        String space,
        @Nullable SyncOutcome last,
        @Nullable Long settledMillis,
        VersionVector holds) {
    static PeerState begin(String url, String space) {
        return new PeerState(url, space, null, null, VersionVector.EMPTY);
    }

    PeerState after(SyncOutcome outcome, @Nullable VersionVector nowHolds, long nowMillis) {
        return new PeerState(
                url,
                space,
                outcome,
                outcome instanceof SyncOutcome.Settled ? Long.valueOf(nowMillis) : settledMillis,
                nowHolds == null ? holds : nowHolds);
    }

    /** Returns whether the last exchange went well. */
    public boolean isGood() {
        return last instanceof SyncOutcome.Settled;
    }

    /** Returns why the last exchange did not go well; empty if it did, or there was none. */
    public String trouble() {
        if (last instanceof SyncOutcome.Unreachable unreachable) {
            return unreachable.reason();
        }
        if (last instanceof SyncOutcome.Later later) {
            return later.reason();
        }
        if (last instanceof SyncOutcome.Failed failed) {
            return failed.reason();
        }
        if (last instanceof SyncOutcome.Refused refused) {
            return "a change set was not taken: " + refused.why();
        }
        return last instanceof SyncOutcome.Stuck ? "several rounds moved nothing" : "";
    }
}
