// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.Replica;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Says in words what a change set did, from the bytes that travel. */
public final class Operations {
    private static final int MOST = 20;

    private Operations() {}

    /** Returns a line for each operation of a change set, twenty at most, as some replica that runs holds it. */
    public static List<String> of(Lab lab, Dot dot) {
        for (LabReplica replica : lab.replicas()) {
            try {
                List<String> lines = replica.use(process -> of(process, dot));
                if (!lines.isEmpty()) {
                    return lines;
                }
            } catch (ReplicaDown e) {
                continue; // Another one may hold it too.
            }
        }
        return List.of("No replica that runs has it in its log.");
    }

    private static List<String> of(Replica process, Dot dot) {
        VersionVector before = process.status().vector().without(dot.origin()).with(dot.origin(), dot.seq() - 1);
        for (EncodedChangeSet changeSet : process.asPeer().missing(before, 1).changeSets()) {
            if (changeSet.header().dot().equals(dot)) {
                return lines(process, changeSet);
            }
        }
        return List.of();
    }

    private static List<String> lines(Replica process, EncodedChangeSet changeSet) {
        if (changeSet.isInParts()) {
            return List.of(
                    "It is so large that it travels in " + changeSet.parts().count() + " parts.");
        }
        List<String> lines = new ArrayList<>();
        long all = 0;
        ChangeSetReader reader = new ChangeSetReader(changeSet, PartSource.NONE);
        for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
            for (TableOp op : ops) {
                if (all++ < MOST) {
                    lines.add(line(process, op));
                }
            }
        }
        if (all > MOST) {
            lines.add("and " + (all - MOST) + " more");
        }
        return lines;
    }

    private static String line(Replica process, TableOp op) {
        if (op instanceof TableOp.Declare declare) {
            return "declare table " + declare.definition().name();
        }
        if (!(op instanceof TableOp.Change change)) {
            return "an operation that this version does not know";
        }
        String row = Items.name(process, change.key().get(0).toString());
        if (change.op() instanceof RowOp.Insert<String, Value> insert) {
            return "insert " + row + ": " + cells(insert.cells());
        }
        if (change.op() instanceof RowOp.Edit<String, Value> edit) {
            return "edit " + row + ": " + cells(edit.cells());
        }
        return "delete " + row;
    }

    private static String cells(SortedMap<String, CellOp<Value>> cells) {
        return cells.entrySet().stream()
                .map(cell -> cell.getKey() + " " + inWords(cell.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String inWords(CellOp<Value> op) {
        if (op instanceof CellOp.Put<Value> put) {
            return "= " + Words.of(put.value());
        }
        if (op instanceof CellOp.Replace<Value> replace) {
            return "= " + Words.of(replace.value());
        }
        if (op instanceof CellOp.Add<Value> add) {
            return (add.amount() < 0 ? "- " : "+ ") + Math.abs(add.amount());
        }
        if (op instanceof CellOp.Grow<Value> grow) {
            return "+ " + grow.amount();
        }
        if (op instanceof CellOp.Change<Value> change) {
            List<String> elements = new ArrayList<>();
            change.adds().forEach(value -> elements.add("+ " + Words.of(value)));
            change.removes().keySet().forEach(value -> elements.add("- " + Words.of(value)));
            return String.join(" ", elements);
        }
        return op.kind().toString().toLowerCase(Locale.ROOT); // Of a rule that no column of the shop has.
    }
}
