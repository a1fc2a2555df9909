// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

/** A row of an enrolled table. Immutable. */
public record RowId(long table, Key key) implements Comparable<RowId> {
    @Override
    public int compareTo(RowId other) {
        int order = Long.compare(table, other.table);
        return order != 0 ? order : key.compareTo(other.key);
    }
}
