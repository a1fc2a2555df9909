// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Replica;
import io.anabranch.sync.RowHistory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "history",
        description = "Lists what was done to a row, by whom and when, as far as this replica's log reaches back.")
final class HistoryCommand extends ReplicaCommand {
    @Parameters(index = "1", paramLabel = "TABLE", description = "The row's table.")
    @SuppressWarnings("NullAway.Init")
    private String table;

    @Parameters(index = "2", paramLabel = "KEY", description = KeyText.DESCRIPTION)
    @SuppressWarnings("NullAway.Init")
    private String key;

    @Override
    boolean onlyReads() {
        return true;
    }

    @Override
    int run(Replica replica) {
        RowHistory history = replica.history(table, KeyText.parse(key));
        if (json()) {
            Json.print(out(), document(history));
            return 0;
        }
        if (!history.isComplete()) {
            out().println("older history was compacted away; what is left begins here");
        }
        if (history.entries().isEmpty()) {
            String row = history.table() + " (" + KeyText.print(history.key()) + ")";
            err().println("note: "
                    + (history.isComplete()
                            ? "nothing is known of " + row
                            : "nothing more is known of " + row + "; 'anabranch explain' says what it is now")
                    + KeyText.ifNotFound(key));
        }
        history.entries().forEach(this::print);
        return 0;
    }

    private static Map<String, @Nullable Object> document(RowHistory history) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("table", history.table());
        document.put("key", history.key());
        document.put("complete", history.isComplete());
        document.put(
                "entries",
                history.entries().stream().map(HistoryCommand::document).collect(Collectors.toList()));
        return document;
    }

    private static Map<String, @Nullable Object> document(RowHistory.Entry entry) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("origin", entry.origin().toString());
        document.put("seq", entry.seq());
        document.put("time", Times.json(entry.time()));
        document.put("kind", entry.kind());
        List<Map<String, Object>> cells =
                entry.cells().stream().map(HistoryCommand::document).collect(Collectors.toList());
        document.put("cells", cells);
        return document;
    }

    private static Map<String, Object> document(RowHistory.CellChange cell) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("column", cell.column());
        document.put("operation", cell.operation());
        document.put("value", cell.value());
        return document;
    }

    private void print(RowHistory.Entry entry) {
        out().println(entry.kind() + "  by " + entry.origin() + ":" + entry.seq() + "  " + Times.print(entry.time()));
        for (RowHistory.CellChange cell : entry.cells()) {
            out().println("  " + cell.operation() + " " + cell.column() + "  "
                    + TextTable.printable(cell.value().toString()));
        }
    }
}
