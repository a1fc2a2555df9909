// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.session.SyncOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the README against what compiles and runs. */
class ReadmeTest {
    @TempDir
    Path folder;

    @Test
    void theExampleIsWhatIsCompiledHere() throws IOException {
        List<String> shown = lines(between(read("../README.md"), "```java\n", "```"));
        List<String> compiled = lines(read("src/test/java/io/anabranch/docs/QuickStart.java"));

        assertThat(shown).hasSizeLessThanOrEqualTo(12);
        assertThat(compiled)
                .containsSubsequence(shown.stream()
                        .map(line -> line.replace("Path.of(\"notes.db\")", "file")
                                .replace("URI.create(\"http://localhost:7878\")", "relay"))
                        .collect(Collectors.toList()));
    }

    @Test
    void theExampleTellsOneReplicaWhatAnotherWrote() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
                Replica other = Replica.create(folder.resolve("other.db"), "notes")) {
            other.onChange(change -> {
                throw new IllegalStateException("a listener with bad manners costs the next one nothing");
            });
            other.onChange(change -> {
                if (change.kind() != RowChange.Kind.DELETED) {
                    arrived.countDown();
                }
            });
            other.connect(relay.url());
            QuickStart.run(folder.resolve("notes.db"), relay.url(), () -> await(arrived));

            assertThat(other.sync(relay.url())).isInstanceOf(SyncOutcome.Settled.class);
            assertThat(other.query("SELECT * FROM note"))
                    .containsExactly(Map.of("id", "n1", "title", "Buy milk", "likes", 1L));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(String path) throws IOException {
        return Files.readString(Path.of(path));
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start) + start.length();
        return text.substring(from, text.indexOf(end, from));
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.toList());
    }
}
