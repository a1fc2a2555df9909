// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A peer as it last answered.
 *
 * @param lastExchange when that was; all the rest holds for that moment, as far as it is about the peer
 * @param upToDate whether this replica and the peer held the same then, and nothing has been written or taken here since, nor
 *     may have been past the triggers
 * @param toSend change sets that are held here now and the peer lacked then
 * @param toReceive change sets that the peer held then and are not here now
 * @param lagMillis how long ago the oldest of {@code toSend} was written, by its writer's clock; 0 if there is none, or it was there
 *     when its table was enrolled
 * @param clockOffsetMillis what the peer's clock said more than this machine's, to within half the time that the answer took; null if
 *     it has not said
 * @param inUse whether a link of this program goes over this address now, and its last exchange settled
 */
public record PeerStatus(
        String url,
        Instant lastExchange,
        boolean upToDate,
        long toSend,
        long toReceive,
        long lagMillis,
        @Nullable Long clockOffsetMillis,
        boolean inUse) {}
