// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Replica;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "drop",
        description =
                "Ends the replication of a table in this file. The table stays, as a plain one with the rows it has;"
                        + " other replicas are not affected. Enrol it again with 'anabranch init'.")
final class DropCommand extends ReplicaCommand {
    @Parameters(
            index = "1",
            paramLabel = "TABLE",
            description = "A table that is enrolled, though it be gone from the file.")
    @SuppressWarnings("NullAway.Init")
    private String table;

    @Override
    int run(Replica replica) {
        boolean isGone = replica.lostTables().stream().anyMatch(table::equalsIgnoreCase);
        replica.drop(table);
        if (json()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("dropped", table);
            Json.print(out(), document);
        } else {
            out().println("table " + table
                    + (isGone ? " does not replicate in this file any more" : " is a plain table of this file now")
                    + "; other replicas keep theirs");
        }
        return 0;
    }
}
