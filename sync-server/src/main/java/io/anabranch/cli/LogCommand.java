// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.LogChange;
import io.anabranch.sync.LogEntry;
import io.anabranch.sync.Replica;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "log", description = "Lists the change sets of a replica, in the order in which they arrived.")
final class LogCommand extends ReplicaCommand {
    @Option(names = "--table", paramLabel = "T", description = "Only changes of this table.")
    private @Nullable String table;

    @Override
    boolean onlyReads() {
        return true;
    }

    @Override
    int run(Replica replica) {
        List<LogEntry> entries = replica.log(table);
        if (json()) {
            Json.print(out(), entries.stream().map(LogCommand::document).collect(Collectors.toList()));
        } else {
            entries.forEach(this::print);
        }
        return 0;
    }

    private static Map<String, @Nullable Object> document(LogEntry entry) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("origin", entry.origin().toString());
        document.put("seq", entry.seq());
        document.put("time", Times.json(entry.time()));
        document.put(
                "changes", entry.changes().stream().map(LogCommand::document).collect(Collectors.toList()));
        return document;
    }

    private static Map<String, Object> document(LogChange change) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("table", change.table());
        document.put("key", change.key());
        document.put("kind", change.kind());
        document.put("columns", change.columns());
        return document;
    }

    private void print(LogEntry entry) {
        out().println(entry.origin() + ":" + entry.seq() + "  " + Times.print(entry.time()));
        for (LogChange change : entry.changes()) {
            String key = KeyText.print(change.key());
            String columns = change.columns().isEmpty() ? "" : "  " + String.join(", ", change.columns());
            out().println("  " + change.kind() + " " + change.table() + (key.isEmpty() ? "" : " (" + key + ")")
                    + columns);
        }
    }
}
