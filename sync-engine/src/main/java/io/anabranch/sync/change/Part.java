// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Origin;

/**
 * One part of the body of the change set (origin, seq). Do not change the bytes.
 *
 * @param index counts from 0
 */
public record Part(Origin origin, long seq, int index, byte[] bytes) {}
