// SPDX-License-Identifier: Apache-2.0
/** The relay: a peer that is always awake. */
@NullMarked
package io.anabranch.server;

import org.jspecify.annotations.NullMarked;
