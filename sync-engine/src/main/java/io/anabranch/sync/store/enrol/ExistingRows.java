// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.enrol;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.SyncException.CannotEnrol;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import io.anabranch.sync.store.schema.Key;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a table holds when it is enrolled, in order of key, a chunk at a time, without a cursor held open in between.
 * Confined to one connection, in the caller's transaction.
 */
final class ExistingRows {
    static final int MAX_ROWS = 10_000;
    /** So that most change sets carry their bodies themselves. */
    private static final int MAX_BYTES = 1 << 20;

    private static final String DERIVATION = "anabranch existing rows 1";

    private final SqlDatabase db;
    private final RowStore rows;
    private final TableDefinition table;
    private final int keySize;
    private final String firstSql;
    private final String nextSql;
    private @Nullable List<Value> lastKey;
    private @Nullable EnrolledTable shown;

    ExistingRows(SqlDatabase db, RowStore rows, TableDefinition table) {
        this.db = db;
        this.rows = rows;
        this.table = table;
        List<String> key = new ArrayList<>();
        List<String> marks = new ArrayList<>();
        table.primaryKey().forEach(column -> {
            key.add(Sql.name(column.name()));
            marks.add("?");
        });
        keySize = key.size();
        List<String> all = new ArrayList<>(key);
        for (TableDefinition.Column column : table.columns()) {
            if (column.keyPosition() == 0) {
                all.add(Sql.name(column.name()));
            }
        }
        String keyList = String.join(", ", key);
        String select = "SELECT " + String.join(", ", all) + " FROM " + Sql.name(table.name());
        String order = " ORDER BY " + keyList + " LIMIT " + MAX_ROWS;
        firstSql = select + order;
        nextSql = select + " WHERE (" + keyList + ") > (" + String.join(", ", marks) + ")" + order;
    }

    /** Leaves out rows that {@code known} shows, from now on. */
    void leaveOutShown(EnrolledTable known) {
        shown = known;
    }

    /** Returns how many rows the table has. */
    long count() {
        return db.queryLong("SELECT count(*) FROM " + Sql.name(table.name()));
    }

    boolean isEmpty() {
        rewind();
        boolean isEmpty = next().isEmpty();
        rewind();
        return isEmpty;
    }

    void rewind() {
        lastKey = null;
    }

    /** Returns the next chunk, empty at the end. */
    List<Row> next() {
        EnrolledTable known = shown;
        List<Row> chunk = nextOfTable();
        while (known != null && !chunk.isEmpty()) {
            chunk.removeIf(row -> rows.read(known, Key.of(row.key), null).isShown());
            if (!chunk.isEmpty()) {
                return chunk;
            }
            chunk = nextOfTable();
        }
        return chunk;
    }

    /** Returns the origin under which these rows are captured: equal for equal rows of equal tables, wherever they are. */
    Origin derive(String space) {
        MessageDigest digest = Hash128.sha256();
        ByteWriter header = new ByteWriter(512);
        header.text(DERIVATION).text(space);
        table.write(header);
        digest.update(header.toByteArray());
        rewind();
        for (List<Row> chunk = next(); !chunk.isEmpty(); chunk = next()) {
            for (Row row : chunk) {
                digest.update(row.bytes());
            }
        }
        Hash128 hash = Hash128.finish(digest);
        return Origin.of(hash.high(), hash.low());
    }

    private List<Row> nextOfTable() {
        SqlStatement query = lastKey == null ? db.prepare(firstSql) : ExactText.bind(db, nextSql, lastKey);
        List<Row> chunk = new ArrayList<>();
        int size = 0;
        while (size < MAX_BYTES && query.step()) {
            Row row = read(query);
            chunk.add(row);
            size += row.bytes.length;
        }
        query.reset();
        if (!chunk.isEmpty()) {
            lastKey = chunk.get(chunk.size() - 1).key;
        }
        return chunk;
    }

    private Row read(SqlStatement query) {
        List<Value> key = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < query.columnCount(); i++) {
            (i < keySize ? key : values).add(query.getValue(i));
        }
        ByteWriter out = new ByteWriter(128);
        List<Value> exactKey = Key.of(key).values();
        exactKey.forEach(value -> write(value, out));
        values.forEach(value -> write(value, out));
        return new Row(exactKey, values, out.toByteArray());
    }

    private void write(Value value, ByteWriter out) {
        if (value.sizeBytes() > Value.MAX_BYTES) {
            throw new CannotEnrol("cannot enrol " + table.name() + ": it holds a value of more than 8 MiB, which no"
                    + " replica accepts; shorten it first");
        }
        value.write(out);
    }

    /** A row as it is, and the bytes that it adds to the derivation. */
    record Row(List<Value> key, List<Value> values, byte[] bytes) {}
}
