// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a replica says its rows come to, at the version vector whose sum it says with it. Means something only beside what
 * another says at the same sum. Immutable.
 *
 * @param digest over all tables
 * @param tables the digest of each table by its name, once somebody was found to differ; empty before
 */
public record DigestPost(Hash128 digest, SortedMap<String, Hash128> tables) {
    /** What tables may take up in a message; of more only the digest over all is said. */
    public static final int MAX_TABLES_BYTES = 64 << 10;

    private static final int MAX_NAME_BYTES = 4_096;

    public DigestPost {
        tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
    }

    /** Returns the digest over tables whose digests are these, and does not name them. */
    public static DigestPost over(SortedMap<String, Hash128> tables) {
        ByteWriter out = new ByteWriter(256);
        tables.forEach((table, digest) -> {
            out.text(table);
            digest.write(out);
        });
        return new DigestPost(Hash128.of(out.toByteArray(), new byte[0]), new TreeMap<>());
    }

    /** Returns this without the tables, for those who may not read. */
    public DigestPost withoutTables() {
        return new DigestPost(digest, new TreeMap<>());
    }

    /** Returns this with the tables, unless they take up too much. */
    public DigestPost with(SortedMap<String, Hash128> named) {
        ByteWriter out = new ByteWriter(256);
        writeTables(named, out);
        return out.size() > MAX_TABLES_BYTES ? this : new DigestPost(digest, named);
    }

    public void write(ByteWriter out) {
        digest.write(out);
        writeTables(tables, out);
    }

    private static void writeTables(SortedMap<String, Hash128> tables, ByteWriter out) {
        out.varint(tables.size());
        tables.forEach((table, digest) -> {
            out.text(table);
            digest.write(out);
        });
    }

    /** @throws io.anabranch.crdt.codec.DecodeException if there is none */
    public static DigestPost read(ByteReader in) {
        Hash128 digest = Hash128.read(in);
        TreeMap<String, Hash128> tables = new TreeMap<>();
        for (int n = in.count(1 + Hash128.SIZE_BYTES, "tables"); n > 0; n--) {
            String name = in.text(MAX_NAME_BYTES, "a table's name");
            tables.put(name, Hash128.read(in));
        }
        return new DigestPost(digest, tables);
    }
}
