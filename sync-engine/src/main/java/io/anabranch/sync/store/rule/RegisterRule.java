// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.Positions;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import org.jspecify.annotations.Nullable;

/** Rules {@code lww} and {@code list}: the latest value stays. What is written is a write, though it be what was there. */
enum RegisterRule implements ColumnRule {
    LWW,
    /** A position is written whole, so that no two rows ever have the same. */
    LIST {
        @Override
        public @Nullable CellWrite<Value> write(Value value, Context context) throws Rejection {
            if (value instanceof Value.Blob) {
                throw new Rejection("a position is a text; Positions.between makes one");
            }
            if (value instanceof Value.Null) {
                return new CellWrite.Assign<>(value);
            }
            return new CellWrite.Assign<>(Value.of(Positions.complete(value.toString(), context.self())));
        }

        @Override
        public @Nullable String contradiction(Affinity affinity) {
            return affinity == Affinity.TEXT || affinity == Affinity.NONE
                    ? null
                    : "positions are texts, so declare it TEXT";
        }
    };

    @Override
    public @Nullable CellWrite<Value> write(Value value, Context context) throws Rejection {
        return new CellWrite.Assign<>(value);
    }

    /** The row's store knows where the value is. */
    @Override
    public Value show(RowLives<String, Value> row, EnrolledTable.Column column, Merges merges) {
        LwwRegister<Value> register = row.register(column.name());
        return register == null ? column.defaultValue() : register.value();
    }
}
