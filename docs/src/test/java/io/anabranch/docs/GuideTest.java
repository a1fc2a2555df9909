// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.QueryDiff;
import io.anabranch.sync.Replica;
import io.anabranch.sync.RowChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the guide against what compiles and runs. */
class GuideTest {
    @TempDir
    Path folder;

    @Test
    void everyExampleIsCompiledHere() throws IOException {
        List<String> compiled = lines(Files.readString(Path.of("src/test/java/io/anabranch/docs/Guide.java")));
        List<List<String>> examples = examples(Files.readString(Path.of("guide.md")));

        assertThat(examples).hasSizeGreaterThanOrEqualTo(6);
        examples.forEach(example -> assertThat(compiled).containsSubsequence(example));
    }

    @Test
    void theWalkDoesWhatTheGuideSays() throws Exception {
        BlockingQueue<RowChange> rows = new LinkedBlockingQueue<>();
        BlockingQueue<QueryDiff> lists = new LinkedBlockingQueue<>();
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
                Replica one = Guide.enrol(folder.resolve("one.db"));
                Replica two = Replica.create(folder.resolve("two.db"), "notes")) {
            Guide.write(one);
            Guide.sync(one, relay.url());
            Guide.sync(two, relay.url());
            Guide.follow(two, Runnable::run, rows::add, lists::add);
            assertThat(lists.poll(30, TimeUnit.SECONDS).added()).hasSize(2);

            one.execute("UPDATE note SET title = 'Buy milk and bread' WHERE id = 'n1'");
            two.execute("UPDATE note SET title = 'Milk' WHERE id = 'n1'");
            assertThat(rows.poll(30, TimeUnit.SECONDS).cause()).isEqualTo(RowChange.Cause.LOCAL);
            Guide.sync(one, relay.url());
            Guide.sync(two, relay.url());
            assertThat(two.conflicts("note")).hasSize(1);
            assertThat(Guide.explain(two)).contains("did not know of each other");
            Guide.decide(two);
            Guide.sync(two, relay.url());
            Guide.sync(one, relay.url());

            assertThat(one.conflicts("note")).isEmpty();
            assertThat(two.conflicts("note")).isEmpty();
            assertThat(one.query("SELECT * FROM note")).isEqualTo(two.query("SELECT * FROM note"));
            assertThat(one.query("SELECT likes FROM note WHERE id = 'n1'")).containsExactly(Map.of("likes", 2L));
        }
    }

    private static List<List<String>> examples(String guide) {
        List<List<String>> examples = new ArrayList<>();
        for (int at = guide.indexOf("```java\n"); at >= 0; at = guide.indexOf("```java\n", at + 1)) {
            int from = at + "```java\n".length();
            examples.add(lines(guide.substring(from, guide.indexOf("```", from))));
        }
        return examples;
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.toList());
    }
}
