// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import java.util.List;
import java.util.Set;

/**
 * One row that was changed: what an application is told after a commit. Immutable.
 *
 * @param columns those that changed; of a row that was inserted or deleted, those that it was given or had
 * @param origins who wrote the changes
 * @param cause whether they were written in this file or came from others
 */
public record RowChange(
        String table, List<Value> key, Kind kind, Set<String> columns, Set<Origin> origins, Cause cause) {
    public RowChange {
        key = List.copyOf(key);
        columns = Set.copyOf(columns);
        origins = Set.copyOf(origins);
    }

    /** Makes a change that came from others. */
    public RowChange(String table, List<Value> key, Kind kind, Set<String> columns, Set<Origin> origins) {
        this(table, key, kind, columns, origins, Cause.REMOTE);
    }

    /** What became of the row. */
    public enum Kind {
        INSERTED,
        UPDATED,
        DELETED
    }

    /** Where a change was written. */
    public enum Cause {
        /** In this file, by this program or another one. */
        LOCAL,
        /** At another replica. */
        REMOTE
    }
}
