// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.crdt.CellCodec;
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
import io.anabranch.sync.store.schema.Key;
import java.security.MessageDigest;

/**
 * Hashes of rows, from which digests of tables are summed: equal on replicas whose rows have the same state, whatever small
 * numbers their files have given to tables, columns and origins. Confined to one thread.
 *
 * <p>Over what is alive: key, lives, live dots, and of each cell who wrote it when. Not over the values of registers: a
 * register's dot names the change set that holds its value, whose bytes are under the hash chain that heads compare. So a
 * digest is kept with what a write has at hand, when the value that it replaces is gone already.
 */
public final class RowDigest {
    /** Cells with the full names of origins. */
    public static final CellCodec<Value> CELLS = new CellCodec<>(Value.codec(), new CellCodec.OriginNames() {
        @Override
        public void write(Origin origin, ByteWriter out) {
            out.origin(origin);
        }

        @Override
        public Origin read(ByteReader in) {
            return in.origin();
        }
    });

    private final MessageDigest sha256 = Hash128.sha256();
    private final ByteWriter out = new ByteWriter(512);

    /** Returns the hash of a row; zero if nothing of it is alive. */
    public Hash128 of(Key key, RowLives<String, Value> row) {
        out.clear();
        for (Life<String, Value> life : row.lives()) {
            if (life.isAlive()) {
                if (out.size() == 0) {
                    out.blob(key.bytes());
                }
                write(life);
            }
        }
        if (out.size() == 0) {
            return Hash128.ZERO;
        }
        sha256.update(out.toByteArray());
        return Hash128.finish(sha256);
    }

    private void write(Life<String, Value> life) {
        out.u8(life.policy() == DeletePolicy.EDIT_WINS ? 0 : 1);
        write(life.id());
        out.varint(life.rank()).varint(life.live().size());
        life.live().forEach(this::write);
        out.varint(life.registers().size());
        life.registers().forEach((column, register) -> write(column, register, life));
        life.cells().forEach((name, cell) -> {
            out.u8(name.kind().code()).text(name.key());
            CELLS.write(cell, out);
        });
    }

    private void write(String column, LwwRegister<Value> register, Life<String, Value> life) {
        boolean isFirst = register.rank() == life.rank() && register.dot().equals(life.id());
        out.text(column).u8(isFirst ? 0 : 1);
        if (!isFirst) {
            write(register.dot());
            out.varint(register.rank());
        }
    }

    private void write(Dot dot) {
        out.origin(dot.origin()).varint(dot.seq());
    }
}
