// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import org.jspecify.annotations.Nullable;

/** The few single values of a replica: its space, its own origin, its clock. Confined to one connection. */
final class Meta {
    private final SqlDatabase db;

    Meta(SqlDatabase db) {
        this.db = db;
    }

    long getLong(String name) {
        SqlStatement query = select(name);
        try {
            return query.step() ? query.getLong(0) : 0;
        } finally {
            query.reset();
        }
    }

    /** Returns the value of a single number, {@code otherwise} if it was never set. */
    long getLong(String name, long otherwise) {
        SqlStatement query = select(name);
        try {
            return query.step() ? query.getLong(0) : otherwise;
        } finally {
            query.reset();
        }
    }

    byte @Nullable [] getBlob(String name) {
        SqlStatement query = select(name);
        try {
            return query.step() ? query.getBlob(0) : null;
        } finally {
            query.reset();
        }
    }

    String getText(String name) {
        SqlStatement query = select(name);
        try {
            String text = query.step() ? query.getText(0) : null;
            return text == null ? "" : text;
        } finally {
            query.reset();
        }
    }

    /** Returns a version vector, empty if there is none. */
    VersionVector getVector(String name) {
        byte[] bytes = getBlob(name);
        return bytes == null ? VersionVector.EMPTY : Codecs.versionVector().read(new ByteReader(bytes));
    }

    void put(String name, VersionVector value) {
        ByteWriter bytes = new ByteWriter(64);
        Codecs.versionVector().write(value, bytes);
        put(name, bytes.toByteArray());
    }

    void put(String name, long value) {
        db.prepare("INSERT OR REPLACE INTO _ab_meta(name, value) VALUES (?, ?)")
                .bind(1, name)
                .bind(2, value)
                .run();
    }

    void put(String name, byte[] value) {
        db.prepare("INSERT OR REPLACE INTO _ab_meta(name, value) VALUES (?, ?)")
                .bind(1, name)
                .bind(2, value)
                .run();
    }

    void put(String name, String value) {
        db.prepare("INSERT OR REPLACE INTO _ab_meta(name, value) VALUES (?, ?)")
                .bind(1, name)
                .bind(2, value)
                .run();
    }

    private SqlStatement select(String name) {
        return db.prepare("SELECT value FROM _ab_meta WHERE name = ?").bind(1, name);
    }
}
