// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.session.SyncOutcome;

/**
 * How many change sets have moved over a link since an outcome last said so: those of exchanges that broke off, and those that came
 * unasked. Each is told once, with the next outcome that counts. Thread-safe.
 */
final class Untold {
    private long sent;
    private long received;

    synchronized void add(long moreSent, long moreReceived) {
        sent += moreSent;
        received += moreReceived;
    }

    /** Returns the outcome with all that is untold, if it is one that counts. */
    synchronized SyncOutcome tell(SyncOutcome outcome) {
        SyncOutcome whole;
        if (outcome instanceof SyncOutcome.Settled settled) {
            whole = new SyncOutcome.Settled(settled.sent() + sent, settled.received() + received);
        } else if (outcome instanceof SyncOutcome.Stuck stuck) {
            whole = new SyncOutcome.Stuck(stuck.sent() + sent, stuck.received() + received);
        } else {
            return outcome;
        }
        sent = 0;
        received = 0;
        return whole;
    }
}
