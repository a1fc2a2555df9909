// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.List;

/**
 * The state of a space at a version vector, as a stream of entries: first one {@link Head}, then what tables there are, then
 * every row with all its lives, then the change sets that its maker did not understand whole. What joins a replica's state;
 * it never replaces it. {@link SnapshotWriter} and {@link SnapshotReader} turn it into bytes and back.
 */
public final class Snapshot {
    private Snapshot() {}

    /** One entry. */
    public sealed interface Entry {}

    /**
     * What the snapshot stands for.
     *
     * @param heads every change set up to these is in it
     * @param purged hidden lives that nothing beyond this vector touched may have been dropped
     * @param clock the highest stamp that its maker's clock had taken in
     */
    public record Head(Heads heads, VersionVector purged, long clock) implements Entry {}

    /** A declaration of a table or of some of its columns: the lowest rank, then the lowest origin, holds. */
    public record Declared(TableDefinition definition, long rank, Origin origin) implements Entry {}

    /** One row, values included. */
    public record Row(String table, List<Value> key, RowLives<String, Value> lives) implements Entry {
        public Row {
            key = List.copyOf(key);
        }
    }

    /** A change set of which something was not understood: a reader that knows more takes it whole. */
    public record Held(EncodedChangeSet changeSet) implements Entry {}

    /** A part of the body of the {@link Held} change set before it. All of them follow it, in order. */
    public record HeldPart(Part part) implements Entry {}

    /** What names a snapshot: the hash of its bytes, and how many there are. */
    public record Id(Hash128 hash, long sizeBytes) {
        public Id {
            if (sizeBytes < 1) {
                throw new IllegalArgumentException("size < 1: " + sizeBytes);
            }
        }
    }
}
