// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.LogChange;
import io.anabranch.sync.LogEntry;
import io.anabranch.sync.Replica;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "log", description = "Lists the change sets of a replica, in the order in which they arrived.")
final class LogCommand extends BaseCommand {
    @Parameters(paramLabel = "FILE", description = "A replica; see 'anabranch init'.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Option(names = "--table", paramLabel = "T", description = "Only changes of this table.")
    private @Nullable String table;

    @Override
    public Integer call() {
        try (Replica replica = Replica.open(file)) {
            List<LogEntry> entries = replica.log(table);
            if (json) {
                Json.print(out(), entries.stream().map(LogCommand::document).collect(Collectors.toList()));
            } else {
                entries.forEach(this::print);
            }
        }
        return 0;
    }

    private static Map<String, Object> document(LogEntry entry) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("origin", entry.origin().toString());
        document.put("seq", entry.seq());
        document.put("time", entry.time().toString());
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
        String time = entry.time().toEpochMilli() == 0
                ? "before it was enrolled"
                : entry.time().toString();
        out().println(entry.origin() + ":" + entry.seq() + "  " + time);
        for (LogChange change : entry.changes()) {
            String key = change.key().stream().map(Object::toString).collect(Collectors.joining(", "));
            String columns = change.columns().isEmpty() ? "" : "  " + String.join(", ", change.columns());
            out().println("  " + change.kind() + " " + change.table() + (key.isEmpty() ? "" : " (" + key + ")")
                    + columns);
        }
    }
}
