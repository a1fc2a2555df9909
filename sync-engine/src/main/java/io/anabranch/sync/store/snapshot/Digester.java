// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.snapshot;

import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.row.RowDigest;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.row.TableDigests;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Digests of a table worked out from all its rows: the one that {@link TableDigests} keeps, and one per column, values
 * included, which tells where two replicas differ. Costs O(rows).
 */
public final class Digester {
    private final RowStore rows;

    public Digester(RowStore rows) {
        this.rows = rows;
    }

    /** Returns what the kept digest of a table must be. */
    public Hash128 digest(EnrolledTable table) {
        RowDigest hashes = new RowDigest();
        Hash128[] sum = {Hash128.ZERO};
        rows.forEach(table, (key, row, image) -> sum[0] = sum[0].plus(hashes.of(key, row)));
        return sum[0];
    }

    /** Returns a digest per column and kind of operation, over values too; under "" that of which rows there are. */
    public SortedMap<String, Hash128> columns(EnrolledTable table) {
        TreeMap<String, Hash128> sums = new TreeMap<>();
        rows.forEach(table, (key, row, image) -> addRow(table, key, row, sums));
        return sums;
    }

    private void addRow(EnrolledTable table, Key key, RowLives<String, Value> row, Map<String, Hash128> sums) {
        for (Life<String, Value> life : row.lives()) {
            if (life.isAlive()) {
                addLife(table, key, life, sums);
            }
        }
    }

    private void addLife(EnrolledTable table, Key key, Life<String, Value> life, Map<String, Hash128> sums) {
        ByteWriter out = new ByteWriter(128);
        name(key, life, out);
        out.varint(life.rank()).u8(life.policy() == DeletePolicy.EDIT_WINS ? 0 : 1);
        life.live().forEach(dot -> dot(dot, out));
        add(sums, "", out);
        for (Map.Entry<String, LwwRegister<Value>> entry : life.registers().entrySet()) {
            out.clear();
            name(key, life, out);
            dot(entry.getValue().dot(), out);
            out.varint(entry.getValue().rank());
            rows.value(table, key, entry.getKey(), entry.getValue()).write(out);
            add(sums, CellKind.REGISTER.code() + " " + entry.getKey(), out);
        }
        life.cells().forEach((cell, state) -> {
            out.clear();
            name(key, life, out);
            RowDigest.CELLS.write(state, out);
            add(sums, cell.kind().code() + " " + cell.key(), out);
        });
    }

    private static void name(Key key, Life<String, Value> life, ByteWriter out) {
        out.blob(key.bytes());
        dot(life.id(), out);
    }

    private static void dot(Dot dot, ByteWriter out) {
        out.origin(dot.origin()).varint(dot.seq());
    }

    private static void add(Map<String, Hash128> sums, String column, ByteWriter bytes) {
        sums.merge(column, Hash128.of(bytes.toByteArray(), new byte[0]), Hash128::plus);
    }
}
