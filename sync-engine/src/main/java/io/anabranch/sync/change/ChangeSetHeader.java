// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import java.util.List;

/**
 * What a relay reads of a change set: who wrote it, what it follows and what its writer had seen. Immutable.
 *
 * @param previousHash the hash of the origin's change set before this one; zero for the first
 * @param stamp when it was written; 0 for rows that were there when their table was enrolled
 * @param context what the writer had seen of other origins, as the difference from its previous change set; sorted by
 *     origin
 */
public record ChangeSetHeader(Origin origin, long seq, Hash128 previousHash, long stamp, List<ContextEntry> context) {
    public ChangeSetHeader {
        if (seq < 1) {
            throw new IllegalArgumentException("seq < 1: " + seq);
        }
        context = List.copyOf(context);
    }

    public Dot dot() {
        return new Dot(origin, seq);
    }

    /** Returns whether the stamp is so absurd that all operations are void, for everyone alike. */
    public boolean isVoid() {
        return stamp < 0 || stamp >= HybridTime.ABSURD_STAMP;
    }
}
