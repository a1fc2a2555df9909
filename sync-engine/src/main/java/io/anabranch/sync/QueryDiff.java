// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the result of a {@link LiveQuery} differs from what its listener was told last. Rows as {@link SqlSession#query} gives
 * them. Immutable.
 *
 * @param rows all rows, in the query's order
 * @param added those that were not there before; the first time, all
 * @param removed those that are there no more
 * @param changed those whose key is there as before; none without a key
 */
public record QueryDiff(
        List<Map<String, @Nullable Object>> rows,
        List<Map<String, @Nullable Object>> added,
        List<Map<String, @Nullable Object>> removed,
        List<Changed> changed) {
    public QueryDiff {
        rows = List.copyOf(rows);
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        changed = List.copyOf(changed);
    }

    /** A row before and after. */
    public record Changed(Map<String, @Nullable Object> before, Map<String, @Nullable Object> after) {}
}
