// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
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
        versionProvider = Anabranch.Version.class,
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
            description = "When a command fails, also show where in the program.")
    private boolean verbose;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command was given");
    }

    boolean isVerbose() {
        return verbose;
    }

    /** Reads what Maven wrote into the jar. */
    static final class Version implements IVersionProvider {
        private static final String PROPERTIES = "/META-INF/maven/io.anabranch/anabranch-sync-server/pom.properties";

        @Override
        public String[] getVersion() throws IOException {
            Properties properties = new Properties();
            try (InputStream in = Anabranch.class.getResourceAsStream(PROPERTIES)) {
                if (in != null) {
                    properties.load(in);
                }
            }
            return new String[] {"anabranch " + properties.getProperty("version", "(not packaged)")};
        }
    }
}
