// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import java.time.Instant;
import java.util.List;

/**
 * A change set that a replica holds.
 *
 * @param time of its stamp; 1970-01-01T00:00:00Z for rows that were there when their table was enrolled
 */
public record LogEntry(Origin origin, long seq, Instant time, List<LogChange> changes) {
    public LogEntry {
        changes = List.copyOf(changes);
    }
}
