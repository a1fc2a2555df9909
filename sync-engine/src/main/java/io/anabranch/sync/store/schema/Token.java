// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import org.jspecify.annotations.Nullable;

/**
 * Values of some columns of a table, equal where SQLite takes the values for equal: what a unique key holds, and what a foreign
 * key asks for. Immutable.
 *
 * @param columns their names, joined by commas, as they are told to people
 */
public record Token(long table, String columns, Key values) {
    /** No row key begins like this. */
    private static final int TAG = 0xfe;

    /** Names the token among the keys of rows. */
    public byte[] bytes() {
        ByteWriter out = new ByteWriter(64);
        out.u8(TAG).text(columns).blob(values.bytes());
        return out.toByteArray();
    }

    /** Returns the token that {@link #bytes} named; null if they name a row. */
    public static @Nullable Token read(long table, byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        return in.u8() != TAG
                ? null
                : new Token(table, in.text(in.remaining(), "columns"), Key.of(in.blob(in.remaining(), "values")));
    }
}
