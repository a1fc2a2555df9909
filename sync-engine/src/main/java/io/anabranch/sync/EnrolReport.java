// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.util.List;

/**
 * What enrolling a table did.
 *
 * @param table its name as it was created
 * @param rows how many rows were there already and now replicate
 * @param warnings what does not travel, and what to beware of; one sentence each
 * @param alreadyEnrolled whether there was nothing to do
 */
public record EnrolReport(String table, long rows, List<String> warnings, boolean alreadyEnrolled) {
    public EnrolReport {
        warnings = List.copyOf(warnings);
    }
}
