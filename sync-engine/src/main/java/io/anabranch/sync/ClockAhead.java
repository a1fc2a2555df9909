// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import java.time.Duration;
import java.time.Instant;

/**
 * An origin that stamps what it writes more than five minutes later than it is here. What it wrote is applied like anything else;
 * it wins over what is written elsewhere until then by those who have not seen it. Immutable.
 *
 * @param origin whose clock was ahead, or that of another it took over; this replica's own, if its clock was ahead once
 * @param stamp the latest that it gave
 * @param ahead by how much that is later than what this machine's clock says, corrected as relays' answers show
 */
public record ClockAhead(Origin origin, Instant stamp, Duration ahead) {}
