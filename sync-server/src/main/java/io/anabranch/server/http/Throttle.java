// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.util.function.LongSupplier;

/**
 * How often one caller may ask: the holder of a token, or an address where no token is asked for. Whoever is on the same
 * machine as a relay without tokens is not counted. Thread-safe.
 */
final class Throttle {
    private final RateLimiter rates;
    private final ClientAddress addresses;
    private final boolean countsAnybody;

    Throttle(Policy policy, Limits limits, LongSupplier nanoTime) {
        this.rates = new RateLimiter(limits.requestsPerSecond(), limits.burst(), nanoTime);
        this.addresses = new ClientAddress(policy.trustedProxies());
        this.countsAnybody = !policy.loopback();
    }

    void pass(Context context, Route route, Caller caller) {
        boolean hasToken = caller.family() != null;
        if (route.need() == Need.NOTHING || !hasToken && !countsAnybody) {
            return;
        }
        long wait = rates.take(hasToken ? caller.toString() : "@" + addresses.of(context));
        if (wait > 0) {
            throw new Problem(
                            429,
                            "too-many-requests",
                            "Too many requests",
                            "the request was not read: this token sends more than it may. Wait " + wait
                                    + " s; nothing is lost")
                    .header("Retry-After", Long.toString(wait));
        }
    }
}
