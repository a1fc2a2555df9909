// SPDX-License-Identifier: Apache-2.0
/**
 * A replica's file: opened, used in transactions, shown to peers, kept small and whole, and what it tells of itself.
 * Internal: not for applications.
 */
@NullMarked
package io.anabranch.sync.store;

import org.jspecify.annotations.NullMarked;
