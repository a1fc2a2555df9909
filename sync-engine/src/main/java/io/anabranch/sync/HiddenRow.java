// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row that state shows and the application's table does not, because the table's constraints would not have it. Immutable.
 *
 * @param values of the columns outside the key, as the table would show them
 * @param kind the constraint: {@code unique}, {@code foreign key}, {@code not null}, {@code trigger} or {@code constraint}
 * @param reason a sentence
 * @param waitsFor what keeps it hidden for as long as it stays as it is; null if nothing outside the row does
 * @param remedy what somebody can write to have it shown, a sentence
 */
public record HiddenRow(
        String table,
        List<Value> key,
        Map<String, Value> values,
        String kind,
        String reason,
        @Nullable Awaited waitsFor,
        String remedy) {
    public HiddenRow {
        key = List.copyOf(key);
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * For a unique key the older row that shows, by its primary key; for a foreign key the parent that does not, by the
     * columns that are referred to.
     */
    public record Awaited(String table, Map<String, Value> columns) {
        public Awaited {
            columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        }
    }
}
