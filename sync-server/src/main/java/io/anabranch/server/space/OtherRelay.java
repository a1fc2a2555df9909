// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;

/**
 * Another relay of a space, as it last spoke of itself. Immutable.
 *
 * @param origin the name that it gave itself
 * @param held what it held then
 * @param followed whether its words are kept; else its name alone is, since there are too many
 * @param holdsUp whether purging waits for it
 */
public record OtherRelay(Origin origin, VersionVector held, boolean followed, boolean holdsUp) {}
