// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.ServerException;
import io.anabranch.server.store.RelayStoreException;
import io.anabranch.sync.SyncException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Exit codes: 0 good, 1 the operation failed, 2 wrong usage. Errors go to standard error as what failed,
 * why, and what to do now.
 */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        if (!staysAndLogs(List.of(args))) {
            System.setProperty("anabranch.log.pattern", "warning: %msg%n%nopex");
        }
        if (args.length > 0 && args[0].equals("simulate") && !List.of(args).contains("--verbose")) {
            // Its replicas meet on purpose what others are warned of.
            System.setProperty("anabranch.engine.level", "OFF");
            System.setProperty("anabranch.log.level", "OFF");
        }
        if (args.length > 0 && args[0].equals("serve")) {
            System.setProperty("anabranch.log.level", "INFO");
        }
        System.exit(run(out, err, args));
    }

    /** A command that ends at once warns as a command does; one that stays keeps a log, with times. */
    private static boolean staysAndLogs(List<String> args) {
        return args.contains("serve") || args.contains("--watch") || args.contains("--verbose");
    }

    /** Runs one command and returns its exit code. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine commandLine = new CommandLine(new Anabranch()).setOut(out).setErr(err);
        int exitCode = execute(commandLine, args);
        out.flush();
        err.flush();
        return exitCode;
    }

    private static int execute(CommandLine commandLine, String[] args) {
        UnaryOperator<String> sources = message -> "";
        if (args.length > 0 && args[0].equals("serve")) {
            CommandLine serve =
                    Objects.requireNonNull(commandLine.getSubcommands().get("serve"));
            try {
                Settings settings = Settings.of(serve, args, System.getenv());
                serve.setDefaultValueProvider(settings);
                sources = settings::sourcesOf;
            } catch (ParameterException e) {
                return wrongUsage(e, args);
            }
        }
        UnaryOperator<String> sourcesOf = sources;
        return commandLine
                .setParameterExceptionHandler((e, words) -> wrongUsage(e, sourcesOf))
                .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command, parsed, sourcesOf))
                .execute(args);
    }

    /** Says what is wrong with how a command was called, and returns the exit code for that. */
    public static int wrongUsage(ParameterException e, String[] args) {
        return wrongUsage(e, message -> "");
    }

    private static int wrongUsage(ParameterException e, UnaryOperator<String> sourcesOf) {
        CommandLine command = e.getCommandLine();
        String message = e instanceof UnmatchedArgumentException unmatched && isGroup(command)
                ? "'" + unmatched.getUnmatched().get(0) + "' is none of "
                        + String.join(", ", command.getSubcommands().keySet())
                : inPlainWords(e.getMessage());
        command.getErr()
                .println("anabranch: " + message + inBrackets(sourcesOf.apply(message)) + "; see '"
                        + command.getCommandSpec().qualifiedName() + " --help'");
        return ExitCode.USAGE;
    }

    /** Whether it does nothing by itself, as "token" does. */
    private static boolean isGroup(CommandLine command) {
        return command.getParent() != null && !command.getSubcommands().isEmpty();
    }

    private static String inBrackets(String sources) {
        return sources.isEmpty() ? "" : " (" + sources + ")";
    }

    private static String inPlainWords(@Nullable String message) {
        return String.valueOf(message)
                .replaceFirst("^Error: ", "")
                .replaceFirst(" is not an? (int|long)$", " is not a whole number, or is too large");
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed, UnaryOperator<String> sourcesOf) {
        PrintWriter err = command.getErr();
        String message = explain(e);
        err.println("anabranch: " + message + inBrackets(sourcesOf.apply(message)));
        Anabranch root = parsed.commandSpec().root().commandLine().getCommand();
        if (root.isVerbose()) {
            e.printStackTrace(err);
        }
        return ExitCode.SOFTWARE;
    }

    private static String explain(Exception e) {
        if (e instanceof Failure
                || e instanceof SyncException
                || e instanceof RelayStoreException
                || e instanceof ServerException) {
            return String.valueOf(e.getMessage());
        }
        return "the command failed: " + e + "; run it again with --verbose to see where, and report it";
    }
}
