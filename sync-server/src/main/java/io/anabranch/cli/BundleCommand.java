// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.BundleReport;
import io.anabranch.sync.Replica;
import io.anabranch.sync.Version;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "bundle",
        description = "Exchanges by files that are carried, where there is no network.",
        subcommands = {BundleCommand.Export.class, BundleCommand.Import.class})
final class BundleCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: export or import");
    }

    @Command(name = "export", description = "Writes what another replica lacks into a file.")
    static final class Export extends ReplicaCommand {
        @Parameters(index = "1", paramLabel = "OUT", description = "The file to write, where nothing may be yet.")
        @SuppressWarnings("NullAway.Init")
        private Path to;

        @Option(
                names = "--since",
                paramLabel = "VERSION",
                description =
                        "What the other holds: the version that 'anabranch status --json' says of it. Without it, all.")
        private String since = Version.NOTHING.toString();

        @Override
        int run(Replica replica) {
            BundleReport report = replica.exportBundle(to, version());
            tell(
                    this,
                    report,
                    "wrote " + to + ": " + Count.of(report.changeSets(), "change set")
                            + (report.withSnapshot() ? " and a snapshot" : "") + ", " + report.sizeBytes() + " bytes");
            return 0;
        }

        private Version version() {
            try {
                return Version.parse(since);
            } catch (IllegalArgumentException e) {
                throw wrongUsage("--since: " + e.getMessage());
            }
        }
    }

    @Command(name = "import", description = "Takes what 'bundle export' of another replica wrote.")
    static final class Import extends ReplicaCommand {
        @Parameters(index = "1", paramLabel = "IN", description = "The file to read.")
        @SuppressWarnings("NullAway.Init")
        private Path from;

        @Override
        int run(Replica replica) {
            BundleReport report = replica.importBundle(from);
            tell(this, report, "took " + Count.of(report.changeSets(), "change set") + " from " + from);
            return 0;
        }
    }

    private static void tell(ReplicaCommand command, BundleReport report, String words) {
        if (!command.json()) {
            command.out().println(words);
            return;
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("changeSets", report.changeSets());
        document.put("withSnapshot", report.withSnapshot());
        document.put("sizeBytes", report.sizeBytes());
        Json.print(command.out(), document);
    }
}
