// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import java.time.Duration;

/**
 * What a relay keeps, and how long. Immutable.
 *
 * @param snapshotAfterBytes once so much is in the log that no snapshot stands for, the next replica that is up to date is asked
 *     for one
 * @param keepLogBytes beyond this the log is cut as far as snapshots stand for it
 * @param keepLog after this time too
 * @param purgeAfter what was here so long ago, replicas may forget of what was deleted; whoever has not seen it by then begins
 *     anew
 */
public record Retention(long snapshotAfterBytes, long keepLogBytes, Duration keepLog, Duration purgeAfter) {
    public static final Retention DEFAULT =
            new Retention(4L << 20, 64L << 20, Duration.ofDays(30), Duration.ofDays(90));

    public Retention {
        require(snapshotAfterBytes >= 1, "snapshotAfterBytes < 1: " + snapshotAfterBytes);
        require(keepLogBytes >= 0, "keepLogBytes < 0: " + keepLogBytes);
        require(!keepLog.isNegative(), "keepLog < 0: " + keepLog);
        require(!purgeAfter.isNegative(), "purgeAfter < 0: " + purgeAfter);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    long marksEveryMillis() {
        return shorter().toMillis() / 8;
    }

    private Duration shorter() {
        return keepLog.compareTo(purgeAfter) < 0 ? keepLog : purgeAfter;
    }

    long oldestMarkMillis() {
        return Math.max(keepLog.toMillis(), purgeAfter.toMillis());
    }
}
