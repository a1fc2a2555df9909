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
            lines.add("It shows " + quote(cell.value().toString()) + ": " + names.inWords(cell.because()) + ".");
            for (Explanation.Source source : cell.sources()) {
                lines.add(
                        source.seq() == 0
                                ? names.of(source.origin()) + " has counted " + source.value() + " in all."
                                : names.of(source.origin()) + " wrote "
                                        + quote(source.value().toString()) + " at " + Names.time(source.time())
                                        + ", in change set " + source.seq() + ".");
            }
            for (Conflict lost : cell.lost()) {
                lines.add("Lost: " + quote(lost.lost().value().toString()) + " by "
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
                            + " " + quote(change.value().toString()));
                }
            }
        }
        int from = Math.max(0, lines.size() - MOST_HISTORY);
        List<String> last = new ArrayList<>(lines.subList(from, lines.size()));
        last.add(0, from == 0 ? "What was done to it:" : "What was done to it lately:");
        return last;
    }

    /** Returns what a change set did, and what its writer had seen, a line each. */
    public static List<String> changeSet(LabReplica replica, Names names, Timeline.Event event) {
        List<String> lines = new ArrayList<>();
        replica.use(process -> {
            process.log(null).stream()
                    .filter(entry -> entry.origin().equals(event.dot().origin())
                            && entry.seq() == event.dot().seq())
                    .flatMap(entry -> entry.changes().stream())
                    .limit(20)
                    .forEach(change -> lines.add(change.kind()
                            + " " + change.table()
                            + (change.key().isEmpty()
                                    ? ""
                                    : " " + shorten(change.key().get(0).toString()))
                            + " (" + String.join(", ", change.columns()) + ")"));
            return true;
        });
        return lines;
    }

    static String quote(String value) {
        return value.equals("NULL") ? "nothing" : "\"" + shorten(value) + "\"";
    }

    private static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 39) + "…";
    }
}
