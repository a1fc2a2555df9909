// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.HiddenRow;
import io.anabranch.sync.Replica;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Command(
        name = "hidden",
        description = {
            "Lists the rows that replicate and that their table's constraints would not have beside others: why, with their"
                    + " values, and what would show them.",
            "They come back on their own when the reason goes."
        })
final class HiddenCommand extends ReplicaCommand {
    @Override
    int run(Replica replica) {
        List<HiddenRow> hidden = replica.hidden();
        if (json()) {
            Json.print(out(), hidden.stream().map(HiddenCommand::document).collect(Collectors.toList()));
        } else {
            hidden.forEach(this::print);
        }
        return 0;
    }

    private static Map<String, @Nullable Object> document(HiddenRow row) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("table", row.table());
        document.put("key", row.key());
        document.put("values", row.values());
        document.put("kind", row.kind());
        document.put("reason", row.reason());
        HiddenRow.Awaited awaited = row.waitsFor();
        document.put(
                "waitsFor", awaited == null ? null : Map.of("table", awaited.table(), "columns", awaited.columns()));
        document.put("remedy", row.remedy());
        return document;
    }

    private void print(HiddenRow row) {
        out().println(row.table() + " (" + KeyText.print(row.key()) + ")  " + row.kind() + ": " + row.reason());
        out().println("  holds  "
                + row.values().entrySet().stream()
                        .map(column -> column.getKey() + " = "
                                + TextTable.printable(column.getValue().toString()))
                        .collect(Collectors.joining(", ")));
        out().println("  to show it, " + row.remedy());
    }
}
