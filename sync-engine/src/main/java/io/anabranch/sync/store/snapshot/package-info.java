// SPDX-License-Identifier: Apache-2.0
/**
 * The state of a whole file: written and joined as a snapshot, and worked out anew to check the file against itself.
 * Internal: not for applications.
 */
@NullMarked
package io.anabranch.sync.store.snapshot;

import org.jspecify.annotations.NullMarked;
