// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.List;

/**
 * A row that shows another value of a unique key than was written, because an older row holds that; see
 * {@link TableRules#rename}. Immutable.
 *
 * @param column of rule {@code rename}
 * @param written the row's own value, shown again once nothing stands against it
 * @param shown what the table shows instead
 * @param reason a sentence
 * @param older the row that holds {@code written}, by its key
 */
public record RenamedRow(
        String table, List<Value> key, String column, Value written, Value shown, String reason, List<Value> older) {
    public RenamedRow {
        key = List.copyOf(key);
        older = List.copyOf(older);
    }
}
