// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.sync.RowChange;
import java.util.List;

/**
 * What a batch from a peer changed in the application's tables. Immutable.
 *
 * @param firstLsn where in the log its first change set is; behind the last if it is in no log
 * @param lastLsn where its last one is
 */
public record Applied(long firstLsn, long lastLsn, List<RowChange> changes) {
    public Applied {
        changes = List.copyOf(changes);
    }
}
