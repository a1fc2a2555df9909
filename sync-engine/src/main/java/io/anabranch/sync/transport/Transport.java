// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.transport;

import io.anabranch.sync.change.Admission;
import java.net.URI;
import java.time.Duration;

/** Carries one request to one peer and brings the answer back. Blocks. Thread-safe. */
public interface Transport extends AutoCloseable {
    /**
     * Reaches a relay over HTTP.
     *
     * @param base its base address, such as {@code http://localhost:7878}
     * @throws IllegalArgumentException if that is no http or https address
     */
    static Transport http(URI base) {
        return new HttpTransport(base);
    }

    /** Sends an encoded request for a space and waits for what comes of it. Never throws for what a network does. */
    Result exchange(String space, byte[] request);

    @Override
    void close();

    /** What came of it. */
    sealed interface Result {
        /** The peer answered with the bytes of a reply. */
        record Answered(byte[] reply) implements Result {}

        /** The peer took nothing, for a reason that the session understands. */
        record Refused(Admission why) implements Result {}

        /** Nobody answered: no network, a closed port, a time-out. Trying later may help. */
        record Unreachable(String reason) implements Result {}

        /** The peer took nothing for now: too many requests, no room. The same request may work after that pause. */
        record Later(String reason, Duration retryAfter) implements Result {}

        /** Somebody answered, but not as a peer does. Trying again will not help until that changes. */
        record Failed(String reason) implements Result {}
    }
}
