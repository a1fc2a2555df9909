// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteTurnsTest {
    @TempDir
    Path folder;

    @Test
    void whoWaitsComesBeforeWhoeverWantsTheNextTurnAtOnce() throws Exception {
        WriteTurns turns = WriteTurns.of(folder.resolve("a.db"));
        List<String> order = new CopyOnWriteArrayList<>();
        assertThat(turns.begin(0)).isTrue();
        Thread application = new Thread(() -> {
            assertThat(turns.begin(60_000)).isTrue();
            order.add("application");
            turns.end();
        });
        application.start();
        while (!turns.isAwaited()) {
            Thread.onSpinWait();
        }

        turns.end();
        assertThat(turns.begin(60_000)).isTrue();
        order.add("bulk");
        turns.end();
        application.join();

        assertThat(order).containsExactly("application", "bulk");
    }

    @Test
    void oneFileHasOneQueueHoweverItIsNamed() {
        Path file = folder.resolve("a.db");

        assertThat(WriteTurns.of(folder.resolve("x/../a.db"))).isSameAs(WriteTurns.of(file));
        assertThat(WriteTurns.of(folder.resolve("b.db"))).isNotSameAs(WriteTurns.of(file));
    }
}
