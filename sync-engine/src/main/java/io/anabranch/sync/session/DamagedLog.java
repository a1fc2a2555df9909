// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import java.util.List;

/** A log of change sets of which a disk may have altered some: what heals it by the words of others needs. */
public interface DamagedLog {
    /** Returns the change sets whose bytes are not what they were when they came. Costs O(log). */
    List<Damaged> damaged();

    /** Returns what is held, the damaged ones among it. */
    Heads heads();

    /** Puts a change set that is whole in the place of the damaged one of its name. */
    void replace(EncodedChangeSet whole);

    /**
     * A change set that is not what it was.
     *
     * @param hash of what it was
     * @param before the one before it, of the same origin
     */
    record Damaged(Dot dot, Hash128 hash, Head before) {}
}
