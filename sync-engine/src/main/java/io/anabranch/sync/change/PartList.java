// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands in a change set in place of a body too large for one message: how long the body is, and the hash of each
 * part of it. All parts but the last have the same size. So the hash of the change set covers the whole body, and each part
 * can be checked by itself when it comes. Immutable.
 */
public record PartList(long totalBytes, int partBytes, List<Hash128> hashes) {
    /** Of a change set that carries its body itself. */
    public static final PartList NONE = new PartList(0, 0, List.of());

    public PartList {
        hashes = List.copyOf(hashes);
    }

    public int count() {
        return hashes.size();
    }

    /** Returns how many bytes a part has. */
    public int sizeOf(int index) {
        return (int) Math.min(partBytes, totalBytes - (long) index * partBytes);
    }

    /** Returns whether these are the very bytes of that part. */
    public boolean matches(int index, byte[] bytes) {
        return index >= 0
                && index < count()
                && bytes.length == sizeOf(index)
                && Hash128.of(bytes, new byte[0]).equals(hashes.get(index));
    }

    byte[] encode() {
        ByteWriter out = new ByteWriter(16 + count() * Hash128.SIZE_BYTES);
        out.varint(totalBytes).varint(partBytes);
        hashes.forEach(hash -> hash.write(out));
        return out.toByteArray();
    }

    static PartList decode(ByteReader in) {
        int at = in.position();
        long totalBytes = in.varint(1, BodyLimits.DEFAULT.totalBytes(), "a body's length");
        int partBytes = (int) in.varint(1, BodyLimits.MAX_PART_BYTES, "a part's length");
        long count = (totalBytes + partBytes - 1) / partBytes;
        if (count > BodyLimits.MAX_PARTS || count * Hash128.SIZE_BYTES != in.remaining()) {
            throw new DecodeException(at, "the hashes of " + count + " parts", in.remaining() + " bytes");
        }
        List<Hash128> hashes = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            hashes.add(Hash128.read(in));
        }
        return new PartList(totalBytes, partBytes, hashes);
    }
}
