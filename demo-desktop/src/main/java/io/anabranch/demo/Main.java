// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Progress;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.notes.NotesApp;
import io.anabranch.demo.story.Stories;
import io.anabranch.simulator.Crash;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code anabranch desktop}. Exit codes: 0 good, 1 it failed, 2 wrong usage. */
@Command(
        name = "anabranch desktop",
        description = "The lab: replicas side by side, links to cut, merges to watch.",
        mixinStandardHelpOptions = true,
        versionProvider = io.anabranch.cli.Version.class,
        usageHelpAutoWidth = true)
public final class Main implements Callable<Integer> {
    private static final int REPLICAS = 3;
    /** Kept, since loggers that nobody holds are forgotten with their level. */
    private static final Logger FX_LOG = Logger.getLogger("javafx");

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Keep the replicas' files in this folder; without it they go when the window closes.")
    private @Nullable Path data;

    @Option(names = "--port", paramLabel = "P", description = "The relay's port; any free one unless set.")
    private int port;

    @Option(names = "--dark", description = "Begin in dark colours.")
    private boolean dark;

    @Option(names = "--notes", description = "Show the small notes app instead: two windows, one relay.")
    private boolean notes;

    @Option(
            names = "--screenshot",
            paramLabel = "DIR",
            description =
                    "Without a display: write pictures of the lab, or of the notes app, into this folder, and end.")
    private @Nullable Path screenshot;

    @Option(
            names = "--story",
            paramLabel = "N",
            description = "Play story N, 1 to 5. With --screenshot write a picture of its last step as story-N.png.")
    private List<Integer> stories = List.of();

    public static void main(String[] args) {
        FX_LOG.setLevel(Level.SEVERE); // It warns of being on the class path, which is where it is meant to be.
        quiet();
        System.exit(run(new PrintWriter(System.err, true, StandardCharsets.UTF_8), args));
    }

    /** Does what the arguments say, and returns the exit code. */
    static int run(PrintWriter err, String... args) {
        return new CommandLine(new Main())
                .setErr(err)
                .setParameterExceptionHandler(io.anabranch.cli.Main::wrongUsage)
                .setExecutionExceptionHandler((e, command, parsed) -> {
                    command.getErr().println("anabranch: " + e.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(args);
    }

    /** Clocks that are wrong and processes that die are what the lab is for: nothing to warn of. */
    private static void quiet() {
        if (LoggerFactory.getLogger("io.anabranch") instanceof ch.qos.logback.classic.Logger log) {
            log.setLevel(ch.qos.logback.classic.Level.ERROR);
        }
        Thread.UncaughtExceptionHandler usual = (thread, e) -> e.printStackTrace();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            if (!(e instanceof Crash)) {
                usual.uncaughtException(thread, e);
            }
        });
        // Whoever ends the program by Ctrl+C need not read that JavaFX could not draw any more.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {})));
    }

    @Override
    public Integer call() throws Exception {
        int most = Stories.all().size();
        for (int story : stories) {
            if (story < 1 || story > most) {
                throw new ParameterException(
                        spec.commandLine(), "there is no story " + story + "; there are 1 to " + most);
            }
        }
        if (port < 0 || port > 65_535) {
            throw new ParameterException(spec.commandLine(), "no port has the number " + port + "; they go to 65535");
        }
        if (screenshot != null) {
            Display.useNone();
            if (notes) {
                Screenshots.writeNotes(screenshot);
            } else {
                Screenshots.write(screenshot, stories, dark);
            }
            return 0;
        }
        String missing = Display.missing();
        if (missing != null) {
            spec.commandLine().getErr().println("anabranch: " + missing);
            return CommandLine.ExitCode.SOFTWARE;
        }
        if (notes) {
            showNotes();
        } else {
            LabApp.show(this::open, dark, stories.isEmpty() ? null : stories.get(0));
        }
        return 0;
    }

    private void showNotes() throws InterruptedException {
        try (NotesApp app = data != null ? NotesApp.open(data) : NotesApp.temporary()) {
            Toolkit.untilClosed(app::show);
        }
    }

    private Lab open(Progress progress) {
        progress.reached(0);
        Lab lab = data == null ? Lab.temporary(port) : Lab.open(data, port);
        try {
            lab.begin(REPLICAS, Topology.STAR, progress);
            return lab;
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }
}
