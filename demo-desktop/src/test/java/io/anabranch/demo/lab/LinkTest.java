// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.store.log.Place;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkTest {
    @TempDir
    Path folder;

    /** One who is never there, and notes when somebody looked. */
    private static final class Absent implements Party {
        private final List<Long> looks = new CopyOnWriteArrayList<>();

        @Override
        public String name() {
            return "Absent";
        }

        @Override
        public boolean isUp() {
            return false;
        }

        @Override
        public boolean isOnline() {
            looks.add(System.nanoTime());
            return false;
        }

        @Override
        public @Nullable URI url() {
            return null;
        }
    }

    @Test
    void whatIsWrittenSoonAfterAnExchangeTravelsTogether() {
        List<Long> brought = new CopyOnWriteArrayList<>();
        try (LabReplica ann = new LabReplica("Ann", 0, folder.resolve("ann.db"), new Place(folder.resolve("state-a")));
                LabReplica bob =
                        new LabReplica("Bob", 1, folder.resolve("bob.db"), new Place(folder.resolve("state-b")))) {
            ann.start();
            bob.start();
            Board board = new Board(ann);
            try (Link link = new Link(ann, bob, message -> {}, moved -> brought.add(System.nanoTime()))) {
                link.start();
                for (int i = 1; i <= 100; i++) {
                    board.add("Item " + i, i, 1);
                    link.nudge();
                }
                Waiting.until(() -> new Board(bob).items().size() == 100, () -> brought.size() + " exchanges");
            }
        }
        for (int i = 1; i < brought.size(); i++) {
            assertThat(Duration.ofNanos(brought.get(i) - brought.get(i - 1))).isGreaterThan(Duration.ofMillis(39));
        }
    }

    @Test
    void aLinkThatIsNotOpenRestsBetweenLooks() {
        Absent absent = new Absent();
        try (LabReplica ann = new LabReplica("Ann", 0, folder.resolve("ann.db"), new Place(folder.resolve("state")))) {
            ann.start();
            try (Link link = new Link(ann, absent, message -> {}, moved -> {})) {
                link.nudge();
                link.start();
                Waiting.until(() -> absent.looks.size() > 1, () -> "it looked once");
                assertThat(Duration.ofNanos(absent.looks.get(1) - absent.looks.get(0)))
                        .isGreaterThan(Duration.ofMillis(500));
            }
        }
    }
}
