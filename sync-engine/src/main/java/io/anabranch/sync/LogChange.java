// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.List;

/**
 * One operation of a change set.
 *
 * @param key of the row; empty for a declaration
 * @param kind {@code insert}, {@code edit}, {@code delete}, {@code declare}, or {@code unknown} to this version
 * @param columns that it writes or declares
 */
public record LogChange(String table, List<Value> key, String kind, List<String> columns) {
    public LogChange {
        key = List.copyOf(key);
        columns = List.copyOf(columns);
    }
}
