// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The few single values of a replica: its space, its own origin, its clock. Confined to one connection.
 *
 * <p>Those that every transaction asks for are remembered from one to the next, until another connection has committed or
 * something was rolled back. Only where {@link #begin} is called at the start of each transaction.
 */
public final class Meta {
    private static final Set<String> OFTEN = Set.of("generation", "self", "hlc", "sum");
    /** Of no data version. */
    private static final long UNKNOWN = -1;

    private final SqlDatabase db;
    private final Map<String, Value> often = new HashMap<>();
    private long dataVersion = UNKNOWN;
    /** The data version at which nothing was left to seal. */
    private long settledVersion = UNKNOWN;

    private boolean isTrusted;
    private long epoch;

    public Meta(SqlDatabase db) {
        this.db = db;
    }

    /** Looks whether another connection has committed since the last transaction. In a transaction, before anything else. */
    public void begin() {
        long now = db.queryLong("PRAGMA data_version");
        if (now != dataVersion) {
            often.clear();
            epoch++;
        }
        dataVersion = now;
        isTrusted = true;
    }

    /** Returns a number that stays for as long as nobody else can have changed the file; another for each call if never. */
    long epoch() {
        return isTrusted ? epoch : ++epoch;
    }

    /** Says that all is sealed that was written by anybody. */
    public void settle() {
        settledVersion = isTrusted ? dataVersion : UNKNOWN;
    }

    /** Returns whether nobody but this connection has written since all was sealed. */
    public boolean isSettled() {
        return isTrusted && settledVersion != UNKNOWN && settledVersion == dataVersion;
    }

    /** Says that the application may take back to a savepoint what is written from now on, to the end of the transaction. */
    public void distrust() {
        forget();
        isTrusted = false;
    }

    /** Forgets all: what was written last may never have been. */
    public void forget() {
        often.clear();
        epoch++;
        dataVersion = UNKNOWN;
        settledVersion = UNKNOWN;
    }

    public long getLong(String name) {
        return getLong(name, 0);
    }

    /** Returns the value of a single number, {@code otherwise} if it was never set. */
    public long getLong(String name, long otherwise) {
        return get(name) instanceof Value.Int number ? number.value() : otherwise;
    }

    public byte @Nullable [] getBlob(String name) {
        return get(name) instanceof Value.Blob blob ? blob.bytes() : null;
    }

    private Value get(String name) {
        Value known = often.get(name);
        if (known != null) {
            return known;
        }
        SqlStatement query =
                db.prepare("SELECT value FROM _ab_meta WHERE name = ?").bind(1, name);
        try {
            Value value = query.step() ? query.getValue(0) : Value.NULL;
            remember(name, value);
            return value;
        } finally {
            query.reset();
        }
    }

    private void remember(String name, Value value) {
        if (isTrusted && OFTEN.contains(name)) {
            often.put(name, value);
        }
    }

    public String getText(String name) {
        return get(name) instanceof Value.Text text ? text.toString() : "";
    }

    /** Returns a version vector, empty if there is none. */
    public VersionVector getVector(String name) {
        byte[] bytes = getBlob(name);
        return bytes == null ? VersionVector.EMPTY : Codecs.versionVector().read(new ByteReader(bytes));
    }

    public void put(String name, VersionVector value) {
        ByteWriter bytes = new ByteWriter(64);
        Codecs.versionVector().write(value, bytes);
        put(name, bytes.toByteArray());
    }

    public void put(String name, long value) {
        put(name, Value.of(value));
    }

    public void put(String name, byte[] value) {
        put(name, Value.blob(value));
    }

    public void put(String name, String value) {
        put(name, Value.of(value));
    }

    /** Puts two at once. */
    void put(String name, byte[] value, String otherName, long otherValue) {
        Value blob = Value.blob(value);
        Value number = Value.of(otherValue);
        db.prepare("INSERT OR REPLACE INTO _ab_meta(name, value) VALUES (?, ?), (?, ?)")
                .bind(1, name)
                .bind(2, blob)
                .bind(3, otherName)
                .bind(4, number)
                .run();
        remember(name, blob);
        remember(otherName, number);
    }

    private void put(String name, Value value) {
        db.prepare("INSERT OR REPLACE INTO _ab_meta(name, value) VALUES (?, ?)")
                .bind(1, name)
                .bind(2, value)
                .run();
        remember(name, value);
    }
}
