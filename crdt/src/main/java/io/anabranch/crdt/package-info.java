// SPDX-License-Identifier: Apache-2.0
/**
 * Conflict-free replicated data types as pure, immutable values: state, edits and merges. No I/O, no clock, no threads,
 * no dependency.
 */
@NullMarked
package io.anabranch.crdt;

import org.jspecify.annotations.NullMarked;
