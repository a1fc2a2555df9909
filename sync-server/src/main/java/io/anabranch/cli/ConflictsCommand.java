// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Conflict;
import io.anabranch.sync.Replica;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "conflicts",
        description = {
            "Lists the values that lost to concurrent ones, as this replica came to see them; rows that were inserted"
                    + " apart under one key; and values that their column's rule could not take.",
            "'anabranch resolve' decides one of them."
        })
final class ConflictsCommand extends ReplicaCommand {
    @Option(names = "--table", paramLabel = "T", description = "Only conflicts in this table.")
    private @Nullable String table;

    @Override
    boolean onlyReads() {
        return true;
    }

    @Override
    int run(Replica replica) {
        List<Conflict> conflicts = replica.conflicts(table);
        if (json()) {
            Json.print(out(), conflicts.stream().map(ConflictText::document).collect(Collectors.toList()));
        } else {
            conflicts.forEach(conflict -> ConflictText.print(conflict, out()));
        }
        return 0;
    }
}
