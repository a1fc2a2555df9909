// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import java.util.List;

/**
 * What came of healing a log.
 *
 * @param healed how many damaged change sets are whole again
 * @param left those that the peer does not have in its log
 */
public record HealReport(int healed, List<Damage> left) {
    public HealReport {
        left = List.copyOf(left);
    }

    /** A change set that is damaged. */
    public record Damage(Origin origin, long seq) {
        @Override
        public String toString() {
            return origin + ":" + seq;
        }
    }
}
