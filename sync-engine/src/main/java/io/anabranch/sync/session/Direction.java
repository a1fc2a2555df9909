// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.sync.change.Heads;

/** Which way change sets go over a link. What each side holds is told both ways in any case. */
public enum Direction {
    BOTH,
    /** Only to the peer. */
    PUSH,
    /** Only from the peer. */
    PULL;

    public boolean sends() {
        return this != PULL;
    }

    public boolean takes() {
        return this != PUSH;
    }

    /** Returns whether nothing is left to go this way. */
    public boolean isSettled(Heads mine, Heads theirs) {
        if (this == BOTH) {
            return mine.equals(theirs);
        }
        Heads from = this == PUSH ? mine : theirs;
        Heads to = this == PUSH ? theirs : mine;
        return to.vector().dominates(from.vector()) && Responder.forkBetween(from, to) == null;
    }
}
