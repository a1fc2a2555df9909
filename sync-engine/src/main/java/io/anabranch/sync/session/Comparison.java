// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * How a replica's digest compares with those of others that hold the same change sets. Immutable.
 *
 * @param agreeing how many say the same
 * @param differing some of those that do not
 */
public record Comparison(long agreeing, List<Other> differing) {
    /** So many that differ are told of at most. */
    private static final int MOST_TOLD = 16;

    /** Another replica, and what its rows come to. */
    public record Other(Origin origin, DigestPost post) {}

    public Comparison {
        differing = List.copyOf(differing);
    }

    /** Compares what {@code self} says with what all say that hold the same; its own word among them does not count. */
    public static Comparison of(Origin self, DigestPost own, List<Other> all) {
        long agreeing = 0;
        List<Other> differing = new ArrayList<>();
        for (Other other : all) {
            if (other.origin().equals(self)) {
                continue;
            }
            if (other.post().digest().equals(own.digest())) {
                agreeing++;
            } else if (differing.size() < MOST_TOLD) {
                differing.add(other);
            }
        }
        return new Comparison(agreeing, differing);
    }

    /** Returns this without names of tables, for those who may not read. */
    public Comparison withoutTables() {
        List<Other> brief = new ArrayList<>();
        differing.forEach(
                other -> brief.add(new Other(other.origin(), other.post().withoutTables())));
        return new Comparison(agreeing, brief);
    }

    void write(ByteWriter out) {
        out.varint(agreeing).varint(differing.size());
        for (Other other : differing) {
            out.origin(other.origin);
            other.post.write(out);
        }
    }

    static Comparison read(ByteReader in) {
        long agreeing = in.varint(0, Long.MAX_VALUE, "a count");
        List<Other> differing = new ArrayList<>();
        for (int n = in.count(Origin.SIZE_BYTES + 17, "replicas"); n > 0; n--) {
            differing.add(new Other(in.origin(), DigestPost.read(in)));
        }
        return new Comparison(agreeing, differing);
    }
}
