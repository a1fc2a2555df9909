// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;

/**
 * What the writer and the reader of snapshots agree on; {@code docs/protocol.md} lists every byte.
 *
 * <pre>
 *   "ABS", version     then chunks: kind, length once inflated, length, deflated bytes
 *   HEAD               heads, purge vector, clock
 *   DECLARED …         tables and rules
 *   ROWS …             one table each, rows in ascending order of key
 *   HELD …             change sets that were not understood whole
 *   HELD_PARTS …       the parts of one of them, behind it
 *   END                the hash of everything before it
 * </pre>
 */
final class SnapshotFormat {
    static final byte[] START = {'A', 'B', 'S', 1};

    static final int END = 0;
    static final int HEAD = 1;
    static final int DECLARED = 2;
    static final int ROWS = 3;
    static final int HELD = 4;
    static final int HELD_PARTS = 5;

    /** A chunk is closed once it holds this much: what one look-up of a row has to inflate. */
    static final int CHUNK_BYTES = 64 << 10;

    /** Beyond this nothing is read. A row, or a change set, must fit into one chunk. */
    static final int MAX_CHUNK_BYTES = 1 << 30;

    static final int MAX_NAME_BYTES = 4096;
    static final int MAX_KEY_VALUES = 2_000;

    static final Codec<RowLives<String, Value>> ROW = RowLives.codec(Codecs.text(), ValueCodec.INSTANCE);

    private SnapshotFormat() {}
}
