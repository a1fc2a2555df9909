// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import org.jspecify.annotations.Nullable;

/** What a client says of itself, for people to read. Nothing depends on it. */
final class SelfDescription {
    private static final int MOST_CHARACTERS = 60;
    private static final String TIME = "Anabranch-Time";

    private SelfDescription() {}

    /** Returns what the client says that it is, in printable characters; empty if it does not. */
    static String software(Context context) {
        String agent = context.header("User-Agent");
        if (agent == null) {
            return "";
        }
        String printable = agent.replaceAll("[^ -~]", "?");
        return printable.substring(0, Math.min(MOST_CHARACTERS, printable.length()));
    }

    /** Returns how far the client's clock is ahead, the time that the request travelled included; null if it did not say. */
    static @Nullable Long clockOffsetMillis(Context context, long nowMillis) {
        String time = context.header(TIME);
        return time == null || !time.matches("[0-9]{1,15}") ? null : Long.parseLong(time) - nowMillis;
    }
}
