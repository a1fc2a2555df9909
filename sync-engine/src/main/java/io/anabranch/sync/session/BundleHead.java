// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.HeadsCodec;

/**
 * What the file of a bundle begins with: from where to where it leads. Behind it come replies, as its maker would have given them to
 * somebody who holds the base. Immutable. {@code docs/protocol.md} lists every byte.
 *
 * @param space whose change sets it holds
 * @param maker the origin under which the replica wrote that made it
 * @param base what whoever takes it must hold, but for what the snapshot covers
 * @param snapshot what the snapshot in it covers; empty if there is none
 * @param heads what its maker held, at the least
 * @param purged the vector that all in it was held against
 */
public record BundleHead(
        String space, Origin maker, VersionVector base, VersionVector snapshot, Heads heads, VersionVector purged) {
    /** More are not read: room for 100,000 origins several times over. */
    public static final int MAX_BYTES = 16 << 20;

    private static final int MAX_SPACE_BYTES = 1_000;

    /** Returns what the file begins with: "ABB" and the version. */
    public static byte[] start() {
        return new byte[] {'A', 'B', 'B', 1};
    }

    public byte[] encode() {
        ByteWriter out = new ByteWriter(256);
        out.text(space).origin(maker);
        Codecs.versionVector().write(base, out);
        Codecs.versionVector().write(snapshot, out);
        HeadsCodec.write(heads.entries(), out);
        Codecs.versionVector().write(purged, out);
        return out.toByteArray();
    }

    /**
     * Reads a head.
     *
     * @throws DecodeException if {@code bytes} are none
     */
    public static BundleHead decode(byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        BundleHead head = new BundleHead(
                in.text(MAX_SPACE_BYTES, "the name of a space"),
                in.origin(),
                Codecs.versionVector().read(in),
                Codecs.versionVector().read(in),
                Heads.of(HeadsCodec.read(in)),
                Codecs.versionVector().read(in));
        in.end();
        return head;
    }
}
