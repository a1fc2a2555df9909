// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The time of a write, which rows that were there when their table was enrolled do not have: they carry no stamp. */
final class Times {
    private Times() {}

    /** Returns the time for a JSON document: null for an existing row. */
    static @Nullable String json(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    /** Returns the time for people. */
    static String print(@Nullable Instant time) {
        return time == null ? "before it was enrolled" : time.toString();
    }
}
