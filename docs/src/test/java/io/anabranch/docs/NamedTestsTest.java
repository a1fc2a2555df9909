// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages name tests for counterexamples, bad input and classes of attacks: they exist, and no class goes without. */
class NamedTestsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+Test)(?:\\.(\\w+))?`");

    @ParameterizedTest
    @CsvSource({"testing.md, 70", "security.md, 40"})
    void everyTestThatTheTablesNameExists(String page, int atLeast) throws IOException {
        Map<String, String> sources = sources();
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (String row : rows(page)) {
            Matcher named = NAMED.matcher(row);
            while (named.find()) {
                found++;
                String source = sources.getOrDefault(named.group(1), "");
                if (source.isEmpty() || named.group(2) != null && !source.contains("void " + named.group(2) + "(")) {
                    missing.add(named.group());
                }
            }
        }
        assertThat(found).isGreaterThan(atLeast);
        assertThat(missing).isEmpty();
    }

    @Test
    void everyClassOfAttackHasATestOrASentenceWhyNot() throws IOException {
        for (String row : rows("security.md")) {
            String[] cells = row.split(" *\\| *", -1);
            boolean tested = NAMED.matcher(row).find();
            boolean said = cells.length > 3 && cells[2].length() > 40;
            assertThat(tested || said).as(row).isTrue();
        }
        for (int risk = 1; risk <= 10; risk++) {
            String name = "API" + risk + " ";
            assertThat(rows("security.md")).anyMatch(row -> row.startsWith("| " + name));
        }
    }

    /** Returns the rows of the page's tables, without their heads. */
    private static List<String> rows(String page) throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("docs").resolve(page));
        List<String> rows = new ArrayList<>();
        for (int i = 0; i + 1 < lines.size(); i++) {
            String line = lines.get(i);
            boolean head = line.startsWith("|---") || lines.get(i + 1).startsWith("|---");
            if (line.startsWith("| ") && !head) {
                rows.add(line);
            }
        }
        return rows;
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of("crdt", "sync-engine", "sync-server", "docs")) {
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
