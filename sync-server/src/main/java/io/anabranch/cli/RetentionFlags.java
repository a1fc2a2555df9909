// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.space.Retention;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long a relay keeps what; what is not set stays as it is by default. */
final class RetentionFlags {
    @Option(
            names = "--snapshot-after-bytes",
            paramLabel = "N",
            description = "Ask a replica for a snapshot once so much is in the log that none stands for (4194304).")
    private @Nullable Long snapshotAfterBytes;

    @Option(
            names = "--keep-log-bytes",
            paramLabel = "N",
            description = "Cut the log of a space beyond this, as far as a snapshot stands for it (67108864).")
    private @Nullable Long keepLogBytes;

    @Option(
            names = "--keep-log-days",
            paramLabel = "N",
            description = "Cut what is older too, as far as a snapshot stands for it (30).")
    private @Nullable Integer keepLogDays;

    @Option(
            names = "--purge-after-days",
            paramLabel = "N",
            description =
                    "Let replicas forget what was deleted so long ago; who has not synced since begins anew (90).")
    private @Nullable Integer purgeAfterDays;

    Retention retention() {
        Retention usual = Retention.DEFAULT;
        return new Retention(
                snapshotAfterBytes == null ? usual.snapshotAfterBytes() : snapshotAfterBytes,
                keepLogBytes == null ? usual.keepLogBytes() : keepLogBytes,
                keepLogDays == null ? usual.keepLog() : Duration.ofDays(keepLogDays),
                purgeAfterDays == null ? usual.purgeAfter() : Duration.ofDays(purgeAfterDays));
    }
}
