// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.net.URI;

/**
 * One of the addresses that a {@link PeerLink} was given.
 *
 * @param inUse whether the link goes over it now
 * @param failures how many tries in a row have failed since it last worked
 */
public record PeerAddress(URI uri, boolean inUse, int failures) {}
