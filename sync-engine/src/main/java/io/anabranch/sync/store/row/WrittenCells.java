// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What change sets in the log wrote to rows. The section read last is kept, and the next search goes on from there, since
 * rows of one change set come together and in order. Confined to one connection.
 */
final class WrittenCells {
    private final ChangeLog log;

    private @Nullable EncodedChangeSet changeSet;
    private @Nullable ChangeSetReader reader;
    private final Map<RowName, SortedMap<String, CellOp<Value>>> section = new HashMap<>();

    WrittenCells(ChangeLog log) {
        this.log = log;
    }

    /** Forgets what was read: after a rollback a dot may come to name another change set. */
    void forget() {
        changeSet = null;
        reader = null;
        section.clear();
    }

    /** Returns the cells that a change set wrote to a row; none if it wrote none, or was cut from the log. */
    SortedMap<String, CellOp<Value>> of(Dot dot, EnrolledTable table, Key key) {
        RowName row = new RowName(table.name(), key);
        if (changeSet == null || !changeSet.header().dot().equals(dot)) {
            open(dot);
        }
        SortedMap<String, CellOp<Value>> cells = section.get(row);
        // To the end, and once more from the beginning.
        for (int pass = 0; pass < 2 && cells == null; pass++) {
            while (cells == null && readSection()) {
                cells = section.get(row);
            }
            if (cells == null) {
                rewind();
            }
        }
        return cells == null ? new TreeMap<>() : cells;
    }

    private void open(Dot dot) {
        forget();
        changeSet = log.find(dot);
        rewind();
    }

    private void rewind() {
        if (changeSet != null) {
            reader = new ChangeSetReader(changeSet, log.parts().of(changeSet));
        }
    }

    private boolean readSection() {
        List<TableOp> ops = reader == null ? null : reader.next();
        if (ops == null) {
            return false;
        }
        section.clear();
        for (TableOp op : ops) {
            if (op instanceof TableOp.Change change) {
                section.putIfAbsent(new RowName(change.table(), Key.of(change.key())), RowStore.cells(change.op()));
            }
        }
        return true;
    }

    private record RowName(String table, Key key) {}
}
