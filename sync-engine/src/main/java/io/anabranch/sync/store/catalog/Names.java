// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/** A few names as one value of a side table. */
final class Names {
    private Names() {}

    static byte[] bytes(List<String> names) {
        ByteWriter out = new ByteWriter(64).varint(names.size());
        names.forEach(out::text);
        return out.toByteArray();
    }

    static List<String> read(byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        List<String> names = new ArrayList<>();
        for (int n = in.count(1, "names"); n > 0; n--) {
            names.add(in.text(bytes.length, "a name"));
        }
        return names;
    }
}
