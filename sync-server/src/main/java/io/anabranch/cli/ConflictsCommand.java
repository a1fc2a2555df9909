// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Conflict;
import io.anabranch.sync.Replica;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "conflicts",
        description = "Lists the values that lost to concurrent ones, as this replica came to see them.")
final class ConflictsCommand extends ReplicaCommand {
    @Option(names = "--table", paramLabel = "T", description = "Only conflicts in this table.")
    private @Nullable String table;

    @Override
    int run(Replica replica) {
        List<Conflict> conflicts = replica.conflicts(table);
        if (json()) {
            Json.print(out(), conflicts.stream().map(ConflictsCommand::document).collect(Collectors.toList()));
        } else {
            conflicts.forEach(this::print);
        }
        return 0;
    }

    private static Map<String, @Nullable Object> document(Conflict conflict) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("id", conflict.id());
        document.put("table", conflict.table());
        document.put("key", conflict.key());
        document.put("column", conflict.column());
        Conflict.Write kept = conflict.kept();
        document.put("kept", kept == null ? null : document(kept));
        document.put("lost", document(conflict.lost()));
        return document;
    }

    private static Map<String, @Nullable Object> document(Conflict.Write write) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("value", write.value());
        document.put("origin", write.origin().toString());
        document.put("time", Times.json(write.time()));
        return document;
    }

    private void print(Conflict conflict) {
        String key = KeyText.print(conflict.key());
        Conflict.Write kept = conflict.kept();
        out().println(conflict.id() + "  " + conflict.table() + " (" + key + ") " + conflict.column());
        out().println("  kept  " + (kept == null ? "nothing: the row was gone" : describe(kept)));
        out().println("  lost  " + describe(conflict.lost()));
    }

    private static String describe(Conflict.Write write) {
        return write.value() + "  by " + write.origin() + "  " + Times.print(write.time());
    }
}
