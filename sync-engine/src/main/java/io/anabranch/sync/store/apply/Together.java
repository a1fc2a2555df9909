// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

/**
 * How many slices go into one transaction while a file gets its tables. Rows whose keys are in no order reach most pages of a table in
 * each transaction, and each page that a transaction reached is written to the disk, so the more at once the better; but who wants
 * to write meanwhile waits until all of it is written. So it follows from how long that took before. Thread-safe.
 */
public final class Together {
    /** About ten thousand rows. */
    static final int MOST = 12;
    /** A writer waits for this and for the slice under way. */
    static final long MAX_MILLIS = 25;

    private int most = 1;

    /** Returns how many to take at most. */
    public synchronized int most() {
        return most;
    }

    /** Says how long it took to write and to commit so many; negative if somebody has set the clock meanwhile. */
    public synchronized void took(int slices, long millis) {
        if (millis < MAX_MILLIS) {
            most = Math.min(MOST, slices + (2 * millis < MAX_MILLIS ? slices : 1));
        } else {
            most = (int) Math.max(1, slices * MAX_MILLIS / millis);
        }
    }
}
