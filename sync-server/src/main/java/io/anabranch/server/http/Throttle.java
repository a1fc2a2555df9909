// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.util.function.LongSupplier;

/**
 * How often one caller may ask, and how much at once: the holder of a token, or an address where no token is asked for. Whoever is on
 * the same machine as a relay without tokens is not counted. Thread-safe.
 */
final class Throttle {
    private final RateLimiter rates;
    private final ClientAddress addresses;
    private final boolean countsAnybody;
    private final int mostAtOnce;
    private final Tally underWay = new Tally();

    Throttle(Policy policy, Limits limits, ClientAddress addresses, LongSupplier nanoTime) {
        this.rates = new RateLimiter(limits.requestsPerSecond(), limits.burst(), nanoTime);
        this.addresses = addresses;
        this.countsAnybody = !policy.loopback();
        this.mostAtOnce = limits.requestsAtOnce();
    }

    /** Lets a request pass, or refuses it. To be closed when it is answered. */
    Pass pass(Context context, Route route, Caller caller) {
        if (route.need() == Need.NOTHING || caller.family() == null && !countsAnybody) {
            return () -> {};
        }
        String name = addresses.counted(context, caller);
        long wait = rates.take(name);
        if (wait > 0) {
            throw tooMany("this token sends more than it may", wait);
        }
        if (underWay.enter(name) > mostAtOnce) {
            underWay.leave(name);
            throw tooMany("as many requests of this token are under way as may be", 1);
        }
        return () -> underWay.leave(name);
    }

    private static Problem tooMany(String why, long waitSeconds) {
        return new Problem(
                        429,
                        "too-many-requests",
                        "Too many requests",
                        "the request was not read: " + why + ". Wait " + waitSeconds + " s; nothing is lost")
                .header("Retry-After", Long.toString(waitSeconds));
    }

    /** One request that is under way. */
    interface Pass {
        void close();
    }
}
