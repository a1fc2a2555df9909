// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.transport;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Hash128;
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

    /**
     * Hears what a peer tells unasked about a space, and blocks while it does. What is told is a hint or fits what was held
     * before; all of it also comes with the next exchange.
     *
     * @param self the origin that listens, which need not be told what it brought itself
     * @return why it ended, or that this peer tells nothing unasked
     */
    default Result listen(String space, Origin self, Ear ear) {
        return new Result.Failed("this peer tells nothing unasked");
    }

    /**
     * Waits until a peer holds something else than {@code known}, which it tells then, or until it will not be waited on any longer; for
     * where what a peer tells over {@link #listen} does not get through. Blocks for up to half a minute.
     *
     * @param known the sum over what the peer was last known to hold
     * @return {@link Result.Answered} without a reply if the peer answered in order; else why it did not
     */
    default Result poll(String space, Origin self, Hash128 known, Ear ear) {
        return new Result.Failed("this peer tells nothing unasked");
    }

    @Override
    void close();

    /** Who hears. Called on the thread that listens. */
    interface Ear {
        /** The peer tells from now on. */
        void opened();

        /** The peer holds something else than before. */
        void moved();

        /** The peer took change sets: the bytes of a reply to somebody who held what the peer held before. */
        void pushed(byte[] reply);
    }

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

        /** The peer said that it would tell, and not a word came: something on the way holds it back. Ask it with {@link #poll}. */
        record Mute(String reason) implements Result {}

        /** Somebody answered, but not as a peer does. Trying again will not help until that changes. */
        record Failed(String reason) implements Result {}
    }
}
