// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import java.util.List;
import java.util.Set;

/** One row that the application's table shows differently now: what an application is told after a commit. */
public record RowChange(String table, List<Value> key, Kind kind, Set<String> columns, Set<Origin> origins) {
    public RowChange {
        key = List.copyOf(key);
        columns = Set.copyOf(columns);
        origins = Set.copyOf(origins);
    }

    /** What became of the row. */
    public enum Kind {
        INSERTED,
        UPDATED,
        DELETED
    }
}
