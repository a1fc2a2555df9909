// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.math.BigInteger;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rule {@code bounded}: a counter from which nobody takes more than they have rights to. The trigger refuses most of what
 * has none; what reaches the file another way is refused here, at the latest.
 */
enum BoundedRule implements ColumnRule {
    INSTANCE;

    @Override
    public @Nullable CellWrite<Value> write(Value value, Context context) throws Rejection {
        long minimum = context.column().rule().minimum();
        long wanted = CounterRule.wholeNumber(value, minimum);
        if (wanted < minimum) {
            throw new Rejection("below the minimum, " + minimum);
        }
        long amount = CounterRule.difference(wanted, value(context.before(), context.column()));
        long wantedRights = Math.max(0, -amount);
        for (long gift : context.gifts().values()) {
            wantedRights = Math.addExact(wantedRights, gift);
        }
        if (wantedRights > 0) {
            requireRights(wantedRights, context);
        }
        boolean isNothing = amount == 0 && context.gifts().isEmpty();
        return isNothing ? null : new CellWrite.Trade<>(amount, new TreeMap<>(context.gifts()));
    }

    private static void requireRights(long amount, Context context) throws Rejection {
        SortedMap<Origin, Long> holders =
                context.before().rights(context.column().name());
        long rights = holders.getOrDefault(context.self(), 0L);
        if (amount > rights) {
            throw new Rejection("it takes or gives " + amount + ", and this replica has rights to " + rights
                    + (holders.isEmpty() ? "; nobody has any" : "; who has rights to how much: " + holders));
        }
    }

    private static long value(RowLives<String, Value> row, EnrolledTable.Column column) {
        BigInteger minimum = BigInteger.valueOf(column.rule().minimum());
        return CounterRule.clamp(minimum.add(row.aboveMinimum(column.name())));
    }

    @Override
    public Value show(RowLives<String, Value> row, EnrolledTable.Column column, Merges merges) {
        return Value.of(value(row, column));
    }

    @Override
    public @Nullable String whyWithoutEffect(
            RowLives<String, Value> before, RowLives<String, Value> after, EnrolledTable.Column column) {
        boolean isSame = before.aboveMinimum(column.name()).equals(after.aboveMinimum(column.name()))
                && before.rights(column.name()).equals(after.rights(column.name()));
        return isSame ? "more than this replica may count: its total would pass 2^63" : null;
    }

    @Override
    public @Nullable String contradiction(Affinity affinity) {
        return CounterRule.integersOnly(affinity);
    }
}
