// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.transport;

import java.io.IOException;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** Reads server-sent events from a stream, as far as relays send them: a name and one line of data. Confined to one thread. */
final class EventReader {
    /** A line that is longer is no event of ours. */
    private static final long LONGEST_LINE_BYTES = 1 << 20;

    private final BufferedSource source;

    EventReader(BufferedSource source) {
        this.source = source;
    }

    /** Returns the next event; null at the end of the stream. */
    @Nullable
    Event next() throws IOException {
        String name = "message";
        String data = null;
        while (!source.exhausted()) {
            String line = source.readUtf8LineStrict(LONGEST_LINE_BYTES);
            if (line.isEmpty() && data != null) {
                return new Event(name, data);
            }
            if (line.startsWith("event:")) {
                name = line.substring("event:".length()).trim();
            } else if (line.startsWith("data:")) {
                data = line.substring("data:".length()).trim();
            }
        }
        return null;
    }

    record Event(String name, String data) {}
}
