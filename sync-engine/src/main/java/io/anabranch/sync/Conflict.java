// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two writes of one cell by writers who did not know of each other, of which one shows.
 *
 * @param id names it in this file alone
 * @param kept what showed when they met; null if the row was gone
 */
public record Conflict(
        long id,
        String table,
        List<Value> key,
        String column,
        @Nullable Write kept,
        Write lost) {
    public Conflict {
        key = List.copyOf(key);
    }

    /**
     * One of the two.
     *
     * @param time by the writer's clock; null for rows that were there when their table was enrolled
     */
    public record Write(
            Value value, Origin origin, @Nullable Instant time) {}
}
