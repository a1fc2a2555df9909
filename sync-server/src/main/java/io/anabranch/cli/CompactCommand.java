// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.CompactReport;
import io.anabranch.sync.Replica;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "compact",
        description =
                "Makes a replica's file small again: cuts the log where a snapshot covers it, drops what is remembered"
                        + " of deleted rows that nobody can bring back, and gives the space back to the disk."
                        + " What no peer holds yet stays.")
final class CompactCommand extends ReplicaCommand {
    @Option(
            names = "--members",
            paramLabel = "ORIGIN",
            split = ",",
            description =
                    "The origins of all replicas of the space, as 'anabranch status' tells them; remembered. Deleted rows are"
                            + " forgotten without a relay's word once all of these have seen the delete. 'none' takes it back.")
    private @Nullable List<String> members;

    @Override
    int run(Replica replica) {
        if (members != null) {
            replica.setMembers(origins(members));
        }
        CompactReport report = replica.compact();
        if (json()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("bytesBefore", report.bytesBefore());
            document.put("bytesAfter", report.bytesAfter());
            document.put("changeSetsCut", report.changeSetsCut());
            document.put("livesPurged", report.livesPurged());
            document.put(
                    "waitingFor",
                    report.waitingFor().stream().map(Origin::toString).toList());
            Json.print(out(), document);
        } else {
            out().println(report.bytesBefore() + " bytes before, " + report.bytesAfter() + " after: cut "
                    + Count.of(report.changeSetsCut(), "change set") + ", purged "
                    + Count.of(report.livesPurged(), "deleted row"));
            if (!report.waitingFor().isEmpty()) {
                out().println("some deleted rows stay until these have seen the delete: " + report.waitingFor());
            }
        }
        return 0;
    }

    private Set<Origin> origins(List<String> named) {
        Set<Origin> origins = new TreeSet<>();
        for (String name : named) {
            if (!name.equals("none")) {
                try {
                    origins.add(Origin.parse(name));
                } catch (IllegalArgumentException e) {
                    throw wrongUsage(
                            "--members: '" + name + "' is no origin; 'anabranch status FILE' tells each replica's");
                }
            }
        }
        return origins;
    }
}
