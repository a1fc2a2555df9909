// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.sync.change.Admission;
import java.time.Duration;

/** How an exchange ended. What happens on an ordinary day is a value, not an exception. */
public sealed interface SyncOutcome {
    /**
     * Both held the same at that moment; over a link that goes one way, the one all that the other did. Over a standing link the counts
     * are of all since the last outcome that had any, what came unasked included.
     *
     * @param sent change sets that went from here and that the peer holds now
     * @param received change sets that came from the peer and were not here
     */
    record Settled(long sent, long received) implements SyncOutcome {}

    /** A change set was not taken, by the peer or here. Nothing of it was stored. */
    record Refused(Admission why) implements SyncOutcome {}

    /** Rounds passed and nothing moved. */
    record Stuck(long sent, long received) implements SyncOutcome {
        static Stuck of(SyncSession session) {
            return new Stuck(session.sent(), session.received());
        }
    }

    /** No answer came: no network, nobody there. Trying again later is all there is to do. */
    record Unreachable(String reason) implements SyncOutcome {}

    /** The peer asks to be left alone for a while: too many requests, no room. Nothing is lost. */
    record Later(String reason, Duration retryAfter) implements SyncOutcome {}

    /** The peer answered with something that is not an answer, or an error. */
    record Failed(String reason) implements SyncOutcome {}
}
