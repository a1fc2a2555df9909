// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.RowOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives the columns of a group one rank, so that one writer wins all of them. Their ranks differ where somebody wrote only
 * some of them, who did not know the others or not that they belong together.
 */
final class GroupRanks {
    private GroupRanks() {}

    static RowOp<String, Value> level(EnrolledTable table, RowOp<String, Value> op) {
        if (table.grouped().isEmpty() || !(op instanceof RowOp.Edit<String, Value> edit)) {
            return op;
        }
        Map<String, Long> highest = new HashMap<>();
        for (EnrolledTable.Column column : table.grouped()) {
            if (edit.cells().get(column.name()) instanceof CellOp.Put<Value> put) {
                highest.merge(column.rule().group(), put.rank(), Math::max);
            }
        }
        TreeMap<String, CellOp<Value>> cells = new TreeMap<>(edit.cells());
        for (EnrolledTable.Column column : table.grouped()) {
            Long rank = highest.get(column.rule().group());
            if (rank != null && cells.get(column.name()) instanceof CellOp.Put<Value> put) {
                cells.put(column.name(), new CellOp.Put<>(rank, put.value(), put.replaces()));
            }
        }
        return new RowOp.Edit<>(edit.dot(), edit.touches(), cells);
    }
}
