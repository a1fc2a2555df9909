// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.time.Instant;

/**
 * A peer as it last answered.
 *
 * @param lastExchange when that was; all the rest holds for that moment
 * @param upToDate whether this replica and the peer held the same then, and nothing has been written or taken here since
 */
public record PeerStatus(String url, Instant lastExchange, boolean upToDate) {}
