// SPDX-License-Identifier: Apache-2.0
/**
 * The state of rows: packed, looked up, hashed, hidden, and forgotten when nobody can revive it. Internal: not for
 * applications.
 */
@NullMarked
package io.anabranch.sync.store.row;

import org.jspecify.annotations.NullMarked;
