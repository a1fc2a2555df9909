// SPDX-License-Identifier: Apache-2.0
/**
 * How each merge rule reads what a column shows, and shows what its state says. The merging itself is that of {@code crdt}.
 * Internal: not for applications.
 */
@NullMarked
package io.anabranch.sync.store.rule;

import org.jspecify.annotations.NullMarked;
