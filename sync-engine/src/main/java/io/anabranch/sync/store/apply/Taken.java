// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.sync.change.Admission;

/**
 * What came of change sets that a peer sent.
 *
 * @param admission why not all were taken; {@link Admission.Next} if they were
 * @param changeSets how many were taken that were not here
 */
public record Taken(Admission admission, long changeSets) {}
