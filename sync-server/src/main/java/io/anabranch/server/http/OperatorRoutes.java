// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** How a relay does, for those who run it: whether it lives, whether it can work, and what it counts. */
final class OperatorRoutes {
    private final Metrics metrics;
    private final PeerLags lags;
    private final BooleanSupplier storeAnswers;
    private final LongSupplier freeDiskBytes;
    private final long leastFreeDiskBytes;

    OperatorRoutes(
            Metrics metrics,
            PeerLags lags,
            BooleanSupplier storeAnswers,
            LongSupplier freeDiskBytes,
            long leastFreeDiskBytes) {
        this.metrics = metrics;
        this.lags = lags;
        this.storeAnswers = storeAnswers;
        this.freeDiskBytes = freeDiskBytes;
        this.leastFreeDiskBytes = leastFreeDiskBytes;
    }

    List<Route> routes() {
        return List.of(
                Route.get("/health/live", Need.NOTHING, (context, caller) -> context.result("live\n")),
                Route.get("/health/ready", Need.NOTHING, this::ready),
                Route.get(
                        "/metrics",
                        Need.OPERATOR,
                        (context, caller) ->
                                context.contentType(Metrics.MEDIA_TYPE).result(metrics.text(lags.all()))));
    }

    /** Says no more than yes or no: whoever may know the reason finds it in the log and in the metrics. */
    private void ready(Context context, Caller caller) {
        boolean ready = storeAnswers.getAsBoolean() && freeDiskBytes.getAsLong() >= leastFreeDiskBytes;
        if (!ready) {
            throw new Problem(
                            503,
                            "not-ready",
                            "Not ready",
                            "the relay cannot take change sets now: its file does not answer, or its disk is nearly full."
                                    + " Try again later; nothing is lost")
                    .header("Retry-After", "30");
        }
        context.result("ready\n");
    }
}
