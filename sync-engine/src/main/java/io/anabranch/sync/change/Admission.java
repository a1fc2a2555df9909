// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import org.jspecify.annotations.Nullable;

/**
 * Whether a change set may be taken: only as the next of its origin, chained to the one before, after everything that
 * its writer had seen. So every version vector is causally closed, and any cut of a stream is safe.
 */
public sealed interface Admission {
    /** Take it. */
    record Next() implements Admission {}

    /** It is here already, byte for byte. */
    record Known() implements Admission {}

    /** Change sets of the same origin are missing before it. */
    record Gap(Origin origin, long expectedSeq, long foundSeq) implements Admission {}

    /** Its writer had seen change sets that are missing here. */
    record MissingContext(Origin origin, long neededSeq, long knownSeq) implements Admission {}

    /** Another change set is known under the same dot: the origin's history has forked. */
    record Fork(Origin origin, long seq) implements Admission {}

    /** A part is not what the change set says it is. */
    record BadPart(Origin origin, long seq, int index) implements Admission {}

    /** Own change sets were written without having seen all that a purge vector covers: say them anew. */
    record Fenced(VersionVector purged) implements Admission {}

    /** What the holder knows. */
    interface History {
        Head head(Origin origin);

        /** Returns the hash of a change set that is held or was; null if it is not remembered. */
        @Nullable
        Hash128 hash(Origin origin, long seq);
    }

    static Admission of(EncodedChangeSet changeSet, History history) {
        ChangeSetHeader header = changeSet.header();
        Head head = history.head(header.origin());
        if (header.seq() <= head.seq()) {
            Hash128 known = header.seq() == head.seq() ? head.hash() : history.hash(header.origin(), header.seq());
            boolean same = known == null || known.equals(changeSet.hash());
            return same ? new Known() : new Fork(header.origin(), header.seq());
        }
        if (header.seq() != head.seq() + 1) {
            return new Gap(header.origin(), head.seq() + 1, header.seq());
        }
        if (!header.previousHash().equals(head.hash())) {
            return new Fork(header.origin(), header.seq() == 1 ? 1 : head.seq());
        }
        for (ContextEntry seen : header.context()) {
            Head known = history.head(seen.origin());
            if (known.seq() < seen.seq()) {
                return new MissingContext(seen.origin(), seen.seq(), known.seq());
            }
            Hash128 hash = known.seq() == seen.seq() ? known.hash() : history.hash(seen.origin(), seen.seq());
            if (hash != null && hash.prefix() != seen.hashPrefix()) {
                return new Fork(seen.origin(), seen.seq());
            }
        }
        return new Next();
    }
}
