// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;

/** Values that no other row holds, for a column whose own value has to make room for a moment. */
final class Placeholders {
    private static final int INTEGERS = 16;

    private Placeholders() {}

    /** Returns values for a row, one of which any column takes: NULLs are distinct, and the rest is made from the key. */
    static List<Value> of(Key key) {
        Hash128 hash = Hash128.of(key.bytes(), new byte[0]);
        ByteWriter out = new ByteWriter(16);
        hash.write(out);
        List<Value> values = new ArrayList<>();
        values.add(Value.NULL);
        values.add(Value.blob(out.toByteArray()));
        values.add(Value.of("_ab_" + hash));
        for (int i = 0; i < INTEGERS; i++) {
            values.add(Value.of(hash.high() + i));
        }
        values.add(Value.of((double) hash.low() + 0.5));
        return values;
    }
}
