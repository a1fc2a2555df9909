// SPDX-License-Identifier: Apache-2.0
/**
 * Turns what was captured into change sets, and finds what was written while no trigger was there. Internal: not for
 * applications.
 */
@NullMarked
package io.anabranch.sync.store.seal;

import org.jspecify.annotations.NullMarked;
