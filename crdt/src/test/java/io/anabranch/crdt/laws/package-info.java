// SPDX-License-Identifier: Apache-2.0
/**
 * The laws of conflict-free types as a kit. Start at {@link io.anabranch.crdt.laws.CrdtLaws} for a type, at {@link
 * io.anabranch.crdt.laws.MergeLaws} for a merge function.
 */
@NullMarked
package io.anabranch.crdt.laws;

import org.jspecify.annotations.NullMarked;
