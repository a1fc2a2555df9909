// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.sync.Conflict;
import io.anabranch.sync.Explanation;
import io.anabranch.sync.Replica;
import io.anabranch.sync.RowHistory;
import java.util.ArrayList;
import java.util.List;

/** Says in sentences why a value is as it is, from what the library knows of it. */
public final class Explain {
    private static final int MOST_HISTORY = 6;

    private Explain() {}

    /**
     * Returns why a cell shows what it shows, a sentence each.
     *
     * @throws ReplicaDown if the replica is down
     */
    public static List<String> value(LabReplica replica, Names names, String id, Item.Column column) {
        return replica.use(process -> {
            Explanation row = process.explain(Shop.TABLE, List.of(id), column.sqlName());
            List<String> lines = new ArrayList<>();
            if (row.columns().isEmpty()) {
                lines.add("The row does not show here: " + names.inWords(row.because()) + ".");
                return lines;
            }
            Explanation.Column cell = row.columns().get(0);
            lines.add("Rule " + cell.rule() + ": " + column.rule() + ".");
            lines.add("It shows " + Words.of(cell.value()) + ": " + names.inWords(cell.because()) + ".");
            for (Explanation.Source source : cell.sources()) {
                lines.add(
                        source.seq() == 0
                                ? names.of(source.origin()) + " has counted " + source.value() + " in all."
                                : names.of(source.origin()) + " wrote "
                                        + Words.of(source.value()) + " at " + Names.time(source.time())
                                        + ", in change set " + source.seq() + ".");
            }
            for (Conflict lost : cell.lost()) {
                lines.add("Lost: " + Words.of(lost.lost().value()) + " by "
                        + names.of(lost.lost().origin()) + " at "
                        + Names.time(lost.lost().time()) + ".");
            }
            lines.addAll(history(process, names, id, column));
            return lines;
        });
    }

    private static List<String> history(Replica process, Names names, String id, Item.Column column) {
        List<String> lines = new ArrayList<>();
        for (RowHistory.Entry entry : process.history(Shop.TABLE, List.of(id)).entries()) {
            for (RowHistory.CellChange change : entry.cells()) {
                if (change.column().equals(column.sqlName())) {
                    lines.add(Names.time(entry.time()) + "  " + names.of(entry.origin()) + ": " + change.operation()
                            + " " + Words.of(change.value()));
                }
            }
        }
        int from = Math.max(0, lines.size() - MOST_HISTORY);
        List<String> last = new ArrayList<>(lines.subList(from, lines.size()));
        last.add(0, from == 0 ? "What was done to it:" : "What was done to it lately:");
        return last;
    }
}
