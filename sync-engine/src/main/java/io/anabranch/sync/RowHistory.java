// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was done to one row, by whom and when, as far as this replica's log reaches back. Immutable.
 *
 * @param isComplete false if the log was cut: what happened before is known by its outcome alone
 * @param entries in order of arrival here, which respects cause and effect
 */
public record RowHistory(String table, List<Value> key, boolean isComplete, List<Entry> entries) {
    public RowHistory {
        key = List.copyOf(key);
        entries = List.copyOf(entries);
    }

    /**
     * What one change set did to the row.
     *
     * @param time by the writer's clock; null for a row that was there when its table was enrolled
     * @param kind {@code insert}, {@code edit} or {@code delete}
     */
    public record Entry(Origin origin, long seq, @Nullable Instant time, String kind, List<CellChange> cells) {
        public Entry {
            cells = List.copyOf(cells);
        }
    }

    /**
     * What it did to one column.
     *
     * @param operation {@code set} the value, {@code add} it to a counter, {@code raise} or {@code lower} an extreme to it;
     *     {@code insert} it into a set or {@code remove} it; {@code spend} or {@code give} rights of a bounded counter
     */
    public record CellChange(String column, String operation, Value value) {}
}
