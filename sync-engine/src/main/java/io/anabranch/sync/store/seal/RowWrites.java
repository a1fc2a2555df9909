// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.rule.ColumnRule;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the columns of one row want written, given its state. Confined to one thread. */
final class RowWrites {
    /** The largest row, values alone. */
    static final long MAX_ROW_BYTES = 16 << 20;

    private final EnrolledTable table;
    private final Key key;
    private final Value[] image;
    private final RowLives<String, Value> before;
    private final Origin self;
    private final RowStore rows;
    private final Rejected rejected;
    private final Map<String, CellWrite<Value>> cells = new LinkedHashMap<>();
    private boolean isRejected;
    private long bytes;

    /** Is told of values that a column's rule cannot take. */
    interface Rejected {
        void accept(String column, Value value, String reason);
    }

    /** @param before the state that the writes find, which is none for a row that begins anew */
    RowWrites(
            EnrolledTable table,
            Key key,
            Value[] image,
            RowLives<String, Value> before,
            Origin self,
            RowStore rows,
            Rejected rejected) {
        this.table = table;
        this.key = key;
        this.image = image;
        this.before = before;
        this.self = self;
        this.rows = rows;
        this.rejected = rejected;
    }

    Map<String, CellWrite<Value>> cells() {
        return cells;
    }

    /** @param captured the columns to look at; null for all */
    RowWrites collect(@Nullable CapturedRow captured) {
        Set<String> groups = captured == null ? Set.of() : captured.groups(table);
        for (int i = 0; i < image.length; i++) {
            EnrolledTable.Column column = table.shown().get(i);
            boolean isKnown = captured != null && captured.isFound() && RowStore.isWritten(before, column.name());
            boolean isWritten = captured == null
                    || captured.changed(column)
                    || groups.contains(column.rule().group())
                    || !captured.gifts(column).isEmpty();
            if (!isKnown && isWritten) {
                write(column, image[i], captured);
            }
        }
        return this;
    }

    private void write(EnrolledTable.Column column, Value value, @Nullable CapturedRow captured) {
        if (value.sizeBytes() > Value.MAX_BYTES) {
            reject(column, Value.NULL, "larger than 8 MiB");
            return;
        }
        if (bytes + value.sizeBytes() > MAX_ROW_BYTES) {
            reject(column, Value.NULL, "a row of more than 16 MiB");
            return;
        }
        ColumnRule.Context context = new ColumnRule.Context(
                before,
                column,
                self,
                captured != null && captured.isMeant(column),
                captured == null ? Collections.emptySortedMap() : captured.gifts(column),
                rows.merges());
        try {
            CellWrite<Value> write = ColumnRule.of(column.rule()).write(value, context);
            if (write != null) {
                bytes += value.sizeBytes();
                cells.put(column.name(), write);
            }
        } catch (ColumnRule.Rejection e) {
            reject(column, value, e.reason());
        }
    }

    /** Returns whether the columns do not show what the state says after these writes. */
    boolean mustProject(RowLives<String, Value> after) {
        boolean differs = isRejected;
        for (int i = 0; i < image.length; i++) {
            EnrolledTable.Column column = table.shown().get(i);
            if (column.rule().kind() == Rule.Kind.LWW || column.rule().kind() == Rule.Kind.RENAME) {
                continue;
            }
            differs |= !image[i].equals(rows.project(table, key, after, column));
            String why = cells.containsKey(column.name())
                    ? ColumnRule.of(column.rule()).whyWithoutEffect(before, after, column)
                    : null;
            if (why != null) {
                reject(column, image[i], why);
                differs = true;
            }
        }
        return differs;
    }

    private void reject(EnrolledTable.Column column, Value value, String reason) {
        isRejected = true;
        rejected.accept(column.name(), value, reason);
    }
}
