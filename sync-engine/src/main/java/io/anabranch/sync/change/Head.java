// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteWriter;

/** The last change set of an origin that somebody holds: its seq, 0 if none, and its hash. */
public record Head(long seq, Hash128 hash) {
    public static final Head NONE = new Head(0, Hash128.ZERO);

    public Head {
        if (seq < 0) {
            throw new IllegalArgumentException("seq < 0: " + seq);
        }
    }

    /**
     * Returns what this head adds to the sum over a version vector. Equal vectors with unequal sums hold different
     * histories under one name.
     */
    public Hash128 term(Origin origin) {
        if (seq == 0) {
            return Hash128.ZERO;
        }
        ByteWriter out = new ByteWriter(40);
        out.origin(origin).fixed64(seq);
        hash.write(out);
        return Hash128.of(out.toByteArray(), new byte[0]);
    }
}
