// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import java.util.List;

/**
 * What compacting a file did.
 *
 * @param bytesBefore what the file and its write-ahead log took on disk
 * @param bytesAfter what they take now
 * @param changeSetsCut change sets that left the log, because a kept snapshot covers them
 * @param livesPurged rows that were deleted and whose remembered content nobody can bring back any more
 * @param waitingFor the members that are not known to have seen all deletes yet; empty unless members were named
 */
public record CompactReport(
        long bytesBefore, long bytesAfter, long changeSetsCut, long livesPurged, List<Origin> waitingFor) {
    public CompactReport {
        waitingFor = List.copyOf(waitingFor);
    }
}
