// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change set that a replica holds.
 *
 * @param time of its stamp; null for rows that were there when their table was enrolled
 */
public record LogEntry(Origin origin, long seq, @Nullable Instant time, List<LogChange> changes) {
    public LogEntry {
        changes = List.copyOf(changes);
    }
}
