// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.EnrolledTable;
import org.jspecify.annotations.Nullable;

/** Rules {@code max} and {@code min}: only a value beyond the extreme is a write, and NULL never is. */
enum ExtremeRule implements ColumnRule {
    MAX {
        @Override
        @Nullable
        Value extreme(RowLives<String, Value> row, String column) {
            return row.max(column);
        }

        @Override
        @Nullable
        CellWrite<Value> beyond(Value value, @Nullable Value extreme) {
            return extreme == null || value.compareTo(extreme) > 0 ? new CellWrite.Raise<>(value) : null;
        }
    },
    MIN {
        @Override
        @Nullable
        Value extreme(RowLives<String, Value> row, String column) {
            return row.min(column);
        }

        @Override
        @Nullable
        CellWrite<Value> beyond(Value value, @Nullable Value extreme) {
            return extreme == null || value.compareTo(extreme) < 0 ? new CellWrite.Lower<>(value) : null;
        }
    };

    abstract @Nullable Value extreme(RowLives<String, Value> row, String column);

    abstract @Nullable CellWrite<Value> beyond(Value value, @Nullable Value extreme);

    @Override
    public @Nullable CellWrite<Value> write(Value value, Context context) {
        return value instanceof Value.Null
                ? null
                : beyond(value, extreme(context.before(), context.column().name()));
    }

    @Override
    public Value show(RowLives<String, Value> row, EnrolledTable.Column column, Merges merges) {
        Value extreme = extreme(row, column.name());
        return extreme == null ? column.defaultValue() : extreme;
    }
}
