// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Where the options of a command come from that its arguments do not name: the environment first ({@code --max-space-bytes}
 * is {@code ANABRANCH_MAX_SPACE_BYTES}), then the file that {@code --config} or {@code ANABRANCH_CONFIG} names (there it is
 * {@code max-space-bytes=…}). Values of options that may be repeated are separated by commas. Remembers where each value came from.
 */
final class Settings implements IDefaultValueProvider {
    private static final String PREFIX = "ANABRANCH_";
    private static final String CONFIG = "--config";
    /** Shorter ones are in many a message by chance. */
    private static final int SHORTEST_TELLING_VALUE = 4;

    private static final Set<String> NOT_SETTINGS = Set.of("help", "version", "verbose", "config");

    /** By the name of the setting. */
    private final Map<String, Value> values;

    /** @param source the variable, or the file and line */
    private record Value(String text, String source) {}

    private Settings(Map<String, Value> values) {
        this.values = values;
    }

    /**
     * Returns those for {@code command}, called with {@code args}. Throws if the file is missing, a line of it is no setting, or one is
     * set twice.
     */
    static Settings of(CommandLine command, String[] args, Map<String, String> environment) {
        Set<String> known = command.getCommandSpec().options().stream()
                .map(Settings::name)
                .filter(name -> !NOT_SETTINGS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        String path = configOf(args, environment);
        Map<String, Value> values = path == null ? new TreeMap<>() : read(Path.of(path), command, known);
        for (String name : known) {
            String variable = PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
            String value = environment.get(variable);
            if (value != null) {
                values.put(name, new Value(value, "the environment variable " + variable));
            }
        }
        values.keySet().removeIf(name -> isArgument(name, args));
        return new Settings(values);
    }

    private static boolean isArgument(String name, String[] args) {
        return Arrays.stream(args).anyMatch(word -> word.equals("--" + name) || word.startsWith("--" + name + "="));
    }

    private static @Nullable String configOf(String[] args, Map<String, String> environment) {
        List<String> words = Arrays.asList(args);
        int at = words.indexOf(CONFIG);
        if (at >= 0 && at + 1 < words.size()) {
            return words.get(at + 1);
        }
        return words.stream()
                .filter(word -> word.startsWith(CONFIG + "="))
                .map(word -> word.substring(CONFIG.length() + 1))
                .findFirst()
                .orElse(environment.get(PREFIX + "CONFIG"));
    }

    private static Map<String, Value> read(Path path, CommandLine command, Set<String> known) {
        List<String> lines;
        try {
            lines = Files.readAllLines(path, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ParameterException(
                    command,
                    "cannot read the settings in " + path + ": there is no such file, or it is not UTF-8 text");
        }
        Map<String, Value> values = new TreeMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                read(line, path + ":" + (i + 1), command, known, values);
            }
        }
        return values;
    }

    private static void read(
            String line, String place, CommandLine command, Set<String> known, Map<String, Value> values) {
        int end = line.indexOf('=');
        String name = end < 0 ? line : line.substring(0, end).strip();
        if (end < 0) {
            throw new ParameterException(command, place + ": '" + line + "' is no setting: it looks like port=7878");
        }
        if (!known.contains(name)) {
            throw new ParameterException(
                    command, place + ": '" + name + "' is no setting; there are " + String.join(", ", known));
        }
        Value before = values.put(name, new Value(line.substring(end + 1).strip(), place));
        if (before != null) {
            throw new ParameterException(
                    command, place + ": '" + name + "' is set twice; it was at " + before.source + " before");
        }
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        Value value = argument instanceof OptionSpec option ? values.get(name(option)) : null;
        return value == null ? null : value.text;
    }

    /** Returns where the settings came from, besides the arguments, that a message about them is about; empty if there are none. */
    String sourcesOf(String message) {
        List<String> sources = new ArrayList<>();
        values.forEach((name, value) -> {
            boolean isNamed =
                    Pattern.compile("--" + name + "(?![a-z-])").matcher(message).find();
            boolean isQuoted = value.text.length() >= SHORTEST_TELLING_VALUE && message.contains(value.text);
            if (isNamed || isQuoted) {
                sources.add("--" + name + " was set by " + value.source);
            }
        });
        return String.join(", ", sources);
    }

    private static String name(OptionSpec option) {
        return option.longestName().replaceFirst("^--", "");
    }
}
