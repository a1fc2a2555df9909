// SPDX-License-Identifier: Apache-2.0
/** Relays among relays: one exchanges its spaces with others, as any peers do. */
@NullMarked
package io.anabranch.server.peers;

import org.jspecify.annotations.NullMarked;
