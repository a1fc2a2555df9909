// SPDX-License-Identifier: Apache-2.0
/** How messages reach a peer. */
@NullMarked
package io.anabranch.sync.transport;

import org.jspecify.annotations.NullMarked;
