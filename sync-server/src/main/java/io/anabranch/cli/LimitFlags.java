// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.http.Limits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The limits of a relay; what is not set stays as it is by default. */
final class LimitFlags {
    @Option(
            names = "--max-request-bytes",
            paramLabel = "N",
            description = "How many bytes a request's body may have on the wire.")
    private @Nullable Integer requestBytes;

    @Option(names = "--rate", paramLabel = "N", description = "Requests a second for each token (20).")
    private @Nullable Integer rate;

    @Option(names = "--burst", paramLabel = "N", description = "Requests at once for each token, after a pause (100).")
    private @Nullable Integer burst;

    @Option(
            names = "--min-body-rate",
            paramLabel = "N",
            description = "Bytes a second at which a body has to come, after ten seconds (1024).")
    private @Nullable Integer bodyBytesPerSecond;

    @Option(
            names = "--max-at-once",
            paramLabel = "N",
            description = "Requests of a token that may be under way at a time (16).")
    private @Nullable Integer requestsAtOnce;

    @Option(
            names = "--max-wrong-tokens",
            paramLabel = "N",
            description = "Tokens that are not good an address may bring a minute (60).")
    private @Nullable Integer wrongTokens;

    @Option(
            names = "--max-spaces",
            paramLabel = "N",
            description = "Spaces there may be before those who need no token may begin no more (10000).")
    private @Nullable Long spaces;

    @Option(
            names = "--max-space-bytes",
            paramLabel = "N",
            description = "Bytes of change sets that a space may hold (no bound).")
    private @Nullable Long spaceBytes;

    @Option(
            names = "--max-space-change-sets",
            paramLabel = "N",
            description = "Change sets that a space may hold (no bound).")
    private @Nullable Long spaceChangeSets;

    @Option(
            names = "--max-space-origins",
            paramLabel = "N",
            description = "Origins of which a space may hold change sets, and that may sync with tokens (100000).")
    private @Nullable Long spaceOrigins;

    @Option(
            names = "--min-free-disk-bytes",
            paramLabel = "N",
            description = "No change sets are taken when the disk has less room (67108864).")
    private @Nullable Long freeDiskBytes;

    @Option(
            names = "--max-listeners-per-token",
            paramLabel = "N",
            description = "How many may listen for events with one token (8).")
    private @Nullable Integer listenersPerToken;

    @Option(names = "--max-listeners", paramLabel = "N", description = "How many may listen for events (10000).")
    private @Nullable Integer listeners;

    @Option(
            names = "--head-timeout-seconds",
            paramLabel = "N",
            description = "How long the head of a request may take to come.",
            defaultValue = "10")
    private int headSeconds;

    @Option(
            names = "--idle-timeout-seconds",
            paramLabel = "N",
            description = "How long a connection may be silent.",
            defaultValue = "60")
    private int idleSeconds;

    /** Throws IllegalArgumentException if one of them cannot be. */
    Limits limits() {
        Limits.Builder limits = Limits.builder();
        if (requestBytes != null) {
            limits.requestBytes(atLeast(1, "--max-request-bytes", requestBytes));
        }
        if (rate != null) {
            limits.requestsPerSecond(atLeast(1, "--rate", rate));
        }
        if (burst != null) {
            limits.burst(atLeast(1, "--burst", burst));
        }
        if (bodyBytesPerSecond != null) {
            limits.bodyBytesPerSecond(atLeast(1, "--min-body-rate", bodyBytesPerSecond));
        }
        if (requestsAtOnce != null) {
            limits.requestsAtOnce(atLeast(1, "--max-at-once", requestsAtOnce));
        }
        if (wrongTokens != null) {
            limits.wrongTokensPerMinute(atLeast(1, "--max-wrong-tokens", wrongTokens));
        }
        if (spaces != null) {
            limits.spaces(atLeast(1, "--max-spaces", spaces));
        }
        if (spaceBytes != null) {
            limits.spaceBytes(atLeast(1, "--max-space-bytes", spaceBytes));
        }
        if (spaceChangeSets != null) {
            limits.spaceChangeSets(atLeast(1, "--max-space-change-sets", spaceChangeSets));
        }
        if (spaceOrigins != null) {
            limits.spaceOrigins(atLeast(1, "--max-space-origins", spaceOrigins));
        }
        if (freeDiskBytes != null) {
            limits.freeDiskBytes(atLeast(0, "--min-free-disk-bytes", freeDiskBytes));
        }
        if (listenersPerToken != null) {
            limits.listenersPerToken(atLeast(1, "--max-listeners-per-token", listenersPerToken));
        }
        if (listeners != null) {
            limits.listeners(atLeast(1, "--max-listeners", listeners));
        }
        return limits.build();
    }

    Duration headTimeout() {
        return Duration.ofSeconds(atLeast(1, "--head-timeout-seconds", headSeconds));
    }

    Duration idleTimeout() {
        return Duration.ofSeconds(atLeast(1, "--idle-timeout-seconds", idleSeconds));
    }

    private static int atLeast(int least, String flag, int value) {
        return (int) atLeast(least, flag, (long) value);
    }

    private static long atLeast(int least, String flag, long value) {
        if (value < least) {
            throw new IllegalArgumentException(flag + " < " + least + ": " + value);
        }
        return value;
    }
}
