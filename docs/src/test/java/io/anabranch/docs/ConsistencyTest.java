// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Holds the page on session guarantees against what compiles and runs. */
@Timeout(120)
class ConsistencyTest {
    @TempDir
    Path folder;

    @Test
    void everyExampleIsCompiledHere() throws IOException {
        List<String> compiled = lines(Files.readString(Path.of("src/test/java/io/anabranch/docs/Consistency.java")));
        List<List<String>> examples = examples(Files.readString(Path.of("consistency.md")));

        assertThat(examples).hasSize(3);
        examples.forEach(example -> assertThat(compiled).containsSubsequence(example));
    }

    @Test
    void oneUserReadsOnTheLaptopWhatThePhoneWrote() throws Exception {
        try (Replica phone = Replica.create(folder.resolve("phone.db"), "notes");
                Replica laptop = Replica.create(folder.resolve("laptop.db"), "notes")) {
            phone.execute("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
            phone.enrol("note", TableRules.defaults().counter("likes"));
            String token = Consistency.write(phone);
            laptop.connect(phone.serve(0).url());

            assertThat(Consistency.read(laptop, token)).isTrue();
            assertThat(laptop.query("SELECT title FROM note")).containsExactly(Map.of("title", "Buy milk"));

            CompletableFuture<Void> safe = Consistency.makeSafe(phone);
            safe.get(60, TimeUnit.SECONDS);
            assertThat(laptop.query("SELECT likes FROM note")).containsExactly(Map.of("likes", 1L));
        }
    }

    private static List<List<String>> examples(String page) {
        List<List<String>> examples = new ArrayList<>();
        for (int at = page.indexOf("```java\n"); at >= 0; at = page.indexOf("```java\n", at + 1)) {
            int from = at + "```java\n".length();
            examples.add(lines(page.substring(from, page.indexOf("```", from))));
        }
        return examples;
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.toList());
    }
}
