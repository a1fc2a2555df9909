// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.CellCodec;
import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Value;
import java.util.Map;
import java.util.TreeMap;

/**
 * A digest over the state of live rows, values included: equal on replicas that hold the same, whatever small numbers, row
 * order or hidden rows their files have. Per table, the sum of a hash per row and one per cell, so that order plays no part.
 */
final class Digester {
    private static final CellCodec<Value> CELLS = new CellCodec<>(Value.codec(), new CellCodec.OriginNames() {
        @Override
        public void write(Origin origin, ByteWriter out) {
            out.origin(origin);
        }

        @Override
        public Origin read(ByteReader in) {
            return in.origin();
        }
    });

    private final RowStore rows;

    Digester(RowStore rows) {
        this.rows = rows;
    }

    /** Returns the digest of one table. Costs O(rows). */
    Hash128 digest(EnrolledTable table) {
        TreeMap<String, Hash128> sums = new TreeMap<>();
        rows.forEach(table, (key, row, image) -> addRow(table, key, row, sums));
        ByteWriter out = new ByteWriter(256);
        sums.forEach((column, sum) -> {
            out.text(column);
            sum.write(out);
        });
        return Hash128.of(out.toByteArray(), new byte[0]);
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
            CELLS.write(state, out);
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
