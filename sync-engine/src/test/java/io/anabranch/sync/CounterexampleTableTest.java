// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/testing.md} names tests for the counterexamples and for bad input: they exist. */
class CounterexampleTableTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+Test)(?:\\.(\\w+))?`");

    @Test
    void everyTestThatTheTablesNameExists() throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        int rows = 0;
        for (String line : Files.readAllLines(ROOT.resolve("docs/testing.md"))) {
            Matcher named = NAMED.matcher(line.startsWith("| ") ? line : "");
            while (named.find()) {
                rows++;
                String source = sources.getOrDefault(named.group(1), "");
                if (source.isEmpty() || named.group(2) != null && !source.contains("void " + named.group(2) + "(")) {
                    missing.add(named.group());
                }
            }
        }
        assertThat(rows).isGreaterThan(70);
        assertThat(missing).isEmpty();
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of("crdt", "sync-engine", "sync-server")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                files.filter(file -> file.toString().endsWith("Test.java"))
                        .forEach(file -> sources.merge(
                                file.getFileName().toString().replace(".java", ""), read(file), String::concat));
            }
        }
        return sources;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
