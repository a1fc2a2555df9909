// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.sync.RowChange;
import java.util.List;
import java.util.Set;

/**
 * What a change set in the log says of rows. Immutable.
 *
 * @param lsn where in the log it is
 * @param tables that are in this file, and that it concerns
 * @param changes none for rows that were there when their table was enrolled
 */
public record LoggedChanges(long lsn, Set<String> tables, List<RowChange> changes) {
    public LoggedChanges {
        tables = Set.copyOf(tables);
        changes = List.copyOf(changes);
    }
}
