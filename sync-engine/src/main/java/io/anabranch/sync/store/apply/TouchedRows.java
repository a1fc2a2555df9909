// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.crdt.RowOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** The rows that a batch reaches, in order of table and key, each with its operations in causal order. Confined. */
final class TouchedRows {
    private final SortedMap<Long, SortedMap<Key, List<RowOp<String, Value>>>> byTable = new TreeMap<>();

    boolean isEmpty() {
        return byTable.isEmpty();
    }

    /** Has the row shown again, whether or not an operation comes for it. */
    void touch(long table, Key key) {
        ops(table, key);
    }

    /** A change set says one thing about a row; what more it says is void, for everyone alike. */
    void add(EnrolledTable table, Key key, RowOp<String, Value> op) {
        List<RowOp<String, Value>> ops = ops(table.id(), key);
        if (ops.isEmpty() || !ops.get(ops.size() - 1).dot().equals(op.dot())) {
            ops.add(op);
        }
    }

    private List<RowOp<String, Value>> ops(long table, Key key) {
        return byTable.computeIfAbsent(table, id -> new TreeMap<>()).computeIfAbsent(key, k -> new ArrayList<>());
    }

    void forEachTable(BiConsumer<Long, SortedMap<Key, List<RowOp<String, Value>>>> each) {
        byTable.forEach(each);
    }
}
