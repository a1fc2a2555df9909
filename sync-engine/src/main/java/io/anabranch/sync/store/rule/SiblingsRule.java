// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rules {@code mv} and {@code custom}: concurrent values stay side by side until a write that saw them replaces them all. A
 * column that shows what it showed is no write, or every update of a whole row would settle what people are to choose;
 * unless the writer named just this column.
 */
enum SiblingsRule implements ColumnRule {
    /** Shows the latest. */
    LATEST {
        @Override
        Value resolve(List<LwwRegister<Value>> siblings, EnrolledTable.Column column, Merges merges) {
            return Merges.latest(siblings);
        }
    },
    /** Shows what the application's resolver makes of them, which is derived anew wherever it is shown, and never sealed. */
    RESOLVED {
        @Override
        Value resolve(List<LwwRegister<Value>> siblings, EnrolledTable.Column column, Merges merges) {
            return merges.resolve(column.rule(), siblings);
        }

        /** Without the resolver nobody can tell a value that it made from one that was written. */
        @Override
        public @Nullable CellWrite<Value> write(Value value, Context context) throws Rejection {
            String rule = context.column().rule().label();
            CellWrite<Value> write = super.write(value, context);
            boolean isDerived = write != null
                    && !context.isMeant()
                    && !context.merges().isRegistered(rule)
                    && !context.before().siblings(context.column().name()).isEmpty();
            if (isDerived) {
                throw new Rejection("it came with a whole row, where merge rule " + rule + " is not registered");
            }
            return write;
        }
    };

    abstract Value resolve(List<LwwRegister<Value>> siblings, EnrolledTable.Column column, Merges merges);

    @Override
    public @Nullable CellWrite<Value> write(Value value, Context context) throws Rejection {
        return context.isMeant() || !value.equals(context.shown(this)) ? new CellWrite.Replace<>(value) : null;
    }

    @Override
    public Value show(RowLives<String, Value> row, EnrolledTable.Column column, Merges merges) {
        List<LwwRegister<Value>> siblings = row.siblings(column.name());
        return siblings.isEmpty() ? column.defaultValue() : resolve(siblings, column, merges);
    }
}
