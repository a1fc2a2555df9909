// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Rules {@code counter} and {@code gcounter}: what the column differs by from its state is added. */
public enum CounterRule implements ColumnRule {
    COUNTER {
        @Override
        BigInteger count(RowLives<String, Value> row, String column) {
            return row.counter(column);
        }

        @Override
        CellWrite<Value> add(long amount) {
            return new CellWrite.Increment<>(amount);
        }
    },
    GROWING {
        @Override
        BigInteger count(RowLives<String, Value> row, String column) {
            return row.growth(column);
        }

        @Override
        CellWrite<Value> add(long amount) throws Rejection {
            if (amount < 0) {
                throw new Rejection("a gcounter never falls, and this is " + -amount + " less than it shows");
            }
            return new CellWrite.Grow<>(amount);
        }
    };

    private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);

    abstract BigInteger count(RowLives<String, Value> row, String column);

    abstract CellWrite<Value> add(long amount) throws Rejection;

    @Override
    public @Nullable CellWrite<Value> write(Value value, Context context) throws Rejection {
        long wanted = wholeNumber(value, 0);
        long shown = clamp(count(context.before(), context.column().name()));
        long amount = difference(wanted, shown);
        return amount == 0 ? null : add(amount);
    }

    @Override
    public Value show(RowLives<String, Value> row, EnrolledTable.Column column, Merges merges) {
        return Value.of(clamp(count(row, column.name())));
    }

    @Override
    public @Nullable String whyWithoutEffect(
            RowLives<String, Value> before, RowLives<String, Value> after, EnrolledTable.Column column) {
        return count(before, column.name()).equals(count(after, column.name()))
                ? "more than this replica may count: its total would pass 2^63"
                : null;
    }

    @Override
    public @Nullable String contradiction(Affinity affinity) {
        return integersOnly(affinity);
    }

    static @Nullable String integersOnly(Affinity affinity) {
        return affinity == Affinity.TEXT || affinity == Affinity.REAL
                ? "a counter holds integers, so declare it INTEGER"
                : null;
    }

    public static long clamp(BigInteger value) {
        return value.min(MAX).max(MIN).longValue();
    }

    static long difference(long wanted, long shown) throws Rejection {
        long difference = wanted - shown;
        if (((wanted ^ shown) & (wanted ^ difference)) < 0) {
            throw new Rejection("a change of more than 2^63");
        }
        return difference;
    }

    /** Takes a REAL without a fraction, as SQLite makes of some sums, for what it is. */
    static long wholeNumber(Value value, long ofNull) throws Rejection {
        if (value instanceof Value.Int integer) {
            return integer.value();
        }
        if (value instanceof Value.Null) {
            return ofNull;
        }
        if (value instanceof Value.Real real
                && real.value() == Math.rint(real.value())
                && Math.abs(real.value()) < 0x1p63) {
            return (long) real.value();
        }
        throw new Rejection("a counter holds integers");
    }
}
