// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
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
 * {@code max-space-bytes=…}). Values of options that may be repeated are separated by commas.
 */
final class Settings implements IDefaultValueProvider {
    private static final String PREFIX = "ANABRANCH_";
    private static final String CONFIG = "--config";
    private static final Set<String> NOT_SETTINGS = Set.of("help", "version", "verbose", "config");

    private final Map<String, String> environment;
    private final Properties file;

    private Settings(Map<String, String> environment, Properties file) {
        this.environment = environment;
        this.file = file;
    }

    /** Returns those for {@code command}, called with {@code args}. Throws if the file is missing or names what is none. */
    static Settings of(CommandLine command, String[] args, Map<String, String> environment) {
        String path = configOf(args, environment);
        Properties file = path == null ? new Properties() : read(Path.of(path), command);
        return new Settings(environment, file);
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

    private static Properties read(Path path, CommandLine command) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(
                    command,
                    "cannot read the settings in " + path + ": there is no such file, or it is not UTF-8 text");
        }
        Set<String> known = command.getCommandSpec().options().stream()
                .map(Settings::name)
                .filter(name -> !NOT_SETTINGS.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String name : properties.stringPropertyNames()) {
            if (!known.contains(name)) {
                throw new ParameterException(
                        command, "'" + name + "' in " + path + " is no setting; there are " + String.join(", ", known));
            }
        }
        return properties;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || NOT_SETTINGS.contains(name(option))) {
            return null;
        }
        String name = name(option);
        String variable = PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
        String value = environment.get(variable);
        return value != null ? value : file.getProperty(name);
    }

    private static String name(OptionSpec option) {
        return option.longestName().replaceFirst("^--", "");
    }
}
