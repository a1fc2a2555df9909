// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.RowOp;
import java.util.List;

/** One operation of a change set. */
public sealed interface TableOp {
    /** Declares a table, or columns of it that were not declared before. */
    record Declare(TableDefinition definition) implements TableOp {}

    /**
     * Changes one row. Cells are named by the column's name.
     *
     * @param table the table's name on the wire
     * @param understood false if some cell carries an operation that this version does not know
     */
    record Change(String table, List<Value> key, RowOp<String, Value> op, boolean understood) implements TableOp {
        public Change {
            key = List.copyOf(key);
        }
    }

    /** An operation that this version does not know. Its change set is kept whole until one does. */
    record Unknown(int kind) implements TableOp {
        /** Stands for all that did not decode. */
        public static final int UNREADABLE = 0;
    }
}
