// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Heads as bytes, in messages, in snapshots and on disk. */
public final class HeadsCodec {
    private HeadsCodec() {}

    /** Writes origins with their seq and hash; {@link Head#NONE} as seq 0 alone. */
    public static void write(Map<Origin, Head> heads, ByteWriter out) {
        out.varint(heads.size());
        heads.forEach((origin, head) -> {
            out.origin(origin);
            writeHead(head, out);
        });
    }

    public static SortedMap<Origin, Head> read(ByteReader in) {
        TreeMap<Origin, Head> heads = new TreeMap<>();
        for (int n = in.count(Origin.SIZE_BYTES + 1, "heads"); n > 0; n--) {
            int at = in.position();
            Origin origin = in.origin();
            if (!heads.isEmpty() && heads.lastKey().compareTo(origin) >= 0) {
                throw new DecodeException(at, "origins in ascending order", "another order");
            }
            heads.put(origin, readHead(in));
        }
        return heads;
    }

    public static void writeHead(Head head, ByteWriter out) {
        out.varint(head.seq());
        if (head.seq() > 0) {
            head.hash().write(out);
        }
    }

    public static Head readHead(ByteReader in) {
        long seq = in.varint(0, Long.MAX_VALUE, "a seq");
        return seq == 0 ? Head.NONE : new Head(seq, Hash128.read(in));
    }
}
