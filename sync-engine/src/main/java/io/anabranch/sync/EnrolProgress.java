// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

/**
 * Is told how far the enrolment of a table with rows has come: at its beginning and after every 10,000 rows or fewer. Called
 * inside the transaction, on the thread that enrols, so it should be quick and must not use the replica; what it throws ends
 * the enrolment, and nothing has changed then.
 */
@FunctionalInterface
public interface EnrolProgress {
    /** Tells nobody. */
    EnrolProgress NONE = (table, done, total) -> {};

    /**
     * @param table as the application calls it
     * @param done rows enrolled so far
     * @param total rows there are
     */
    void enrolled(String table, long done, long total);
}
