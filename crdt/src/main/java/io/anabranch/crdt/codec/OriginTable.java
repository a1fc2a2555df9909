// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The origins of one value, each written once, so that what follows names them by their index: 16 bytes per origin, not
 * per dot. Canonical: sorted, and without any that nothing uses. Confined to one thread.
 */
public final class OriginTable {
    private final List<Origin> origins;
    private final Map<Origin, Integer> indices;
    private final BitSet used = new BitSet();

    private OriginTable(List<Origin> origins) {
        this.origins = origins;
        this.indices = new HashMap<>(2 * origins.size());
        for (int i = 0; i < origins.size(); i++) {
            indices.put(origins.get(i), i);
        }
    }

    /** Returns the table of exactly those origins that will be written. */
    public static OriginTable of(Collection<Origin> origins) {
        return new OriginTable(new ArrayList<>(new TreeSet<>(origins)));
    }

    public static OriginTable read(ByteReader in) {
        int count = in.count(Origin.SIZE_BYTES, "origins");
        List<Origin> origins = new ArrayList<>(count);
        Ascending<Origin> ascending = new Ascending<>("origin");
        for (int i = 0; i < count; i++) {
            origins.add(ascending.next(in, in.origin()));
        }
        return new OriginTable(origins);
    }

    public void write(ByteWriter out) {
        out.varint(origins.size());
        origins.forEach(out::origin);
    }

    public void writeOrigin(Origin origin, ByteWriter out) {
        Integer index = indices.get(origin);
        if (index == null) {
            throw new AssertionError("not in the table: " + origin);
        }
        out.varint(index);
    }

    public Origin readOrigin(ByteReader in) {
        int index = (int) in.varint(0, origins.size() - 1L, "the index of an origin");
        used.set(index);
        return origins.get(index);
    }

    public void writeDot(Dot dot, ByteWriter out) {
        writeOrigin(dot.origin(), out);
        out.varint(dot.seq());
    }

    public Dot readDot(ByteReader in) {
        return new Dot(readOrigin(in), in.varint(1, Long.MAX_VALUE, "a seq"));
    }

    /** Checks, after the last read, that every origin was named. */
    public void requireAllUsed(ByteReader in) {
        if (used.cardinality() < origins.size()) {
            throw in.error("a use of every origin", "none of " + origins.get(used.nextClearBit(0)));
        }
    }
}
