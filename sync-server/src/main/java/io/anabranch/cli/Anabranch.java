// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
        name = "anabranch",
        description = "Makes an ordinary SQLite file a replica that many may write at once, offline too.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        usageHelpAutoWidth = true,
        subcommands = {
            InitCommand.class,
            ServeCommand.class,
            SyncCommand.class,
            TokenCommand.class,
            PeerCommand.class,
            StatusCommand.class,
            LogCommand.class,
            ConflictsCommand.class,
            ResolveCommand.class,
            HistoryCommand.class,
            ExplainCommand.class,
            HiddenCommand.class,
            RightsCommand.class,
            DigestCommand.class,
            BundleCommand.class,
            CompactCommand.class,
            VerifyCommand.class,
            DoctorCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            DropCommand.class,
            DemoCommand.class,
            DesktopCommand.class,
            SimulateCommand.class,
            BenchCommand.class,
            HelpCommand.class
        })
final class Anabranch implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description =
                    "When a command fails, also show where in the program. With simulate, also what its replicas warn of.")
    private boolean verbose;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }

    boolean isVerbose() {
        return verbose;
    }
}
