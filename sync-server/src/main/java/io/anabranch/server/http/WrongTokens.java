// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.util.function.LongSupplier;

/**
 * How many tokens that are not good one address may bring, before it is told to wait. Others behind the same address are let in
 * all the while, since a good token is never counted and never refused here. Thread-safe.
 *
 * <p>So this makes no guess slower to hit: that there are 2^256 secrets does. It makes guesses cheap to turn away, has a client with a
 * token that was revoked ask less and less, and shows in the metrics that somebody tries.
 */
final class WrongTokens {
    private static final double SECONDS_PER_MINUTE = 60;

    private final RateLimiter rates;
    private final ClientAddress addresses;

    WrongTokens(Limits limits, ClientAddress addresses, LongSupplier nanoTime) {
        int perMinute = limits.wrongTokensPerMinute();
        this.rates = new RateLimiter(perMinute / SECONDS_PER_MINUTE, perMinute, nanoTime);
        this.addresses = addresses;
    }

    /** Counts one, and refuses it with 429 if its address has brought too many. */
    void count(Context context) {
        long wait = rates.take(addresses.of(context));
        if (wait > 0) {
            throw new Problem(
                            429,
                            "too-many-wrong-tokens",
                            "Too many wrong tokens",
                            "the request was not read: its token is not good here, and neither were many others that came"
                                    + " from its address. Check the token and wait " + wait + " s; nothing is lost")
                    .header("Retry-After", Long.toString(wait));
        }
    }
}
