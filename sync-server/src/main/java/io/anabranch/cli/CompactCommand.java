// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.CompactReport;
import io.anabranch.sync.Replica;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
        name = "compact",
        description =
                "Makes a replica's file small again: cuts the log where a snapshot covers it, drops what is remembered"
                        + " of deleted rows that nobody can bring back, and gives the space back to the disk."
                        + " What no peer holds yet stays.")
final class CompactCommand extends ReplicaCommand {
    @Override
    int run(Replica replica) {
        CompactReport report = replica.compact();
        if (json()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("bytesBefore", report.bytesBefore());
            document.put("bytesAfter", report.bytesAfter());
            document.put("changeSetsCut", report.changeSetsCut());
            document.put("livesPurged", report.livesPurged());
            Json.print(out(), document);
        } else {
            out().println(report.bytesBefore() + " bytes before, " + report.bytesAfter() + " after: cut "
                    + report.changeSetsCut() + " change sets, purged " + report.livesPurged() + " deleted rows");
        }
        return 0;
    }
}
