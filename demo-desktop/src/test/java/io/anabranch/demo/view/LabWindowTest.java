// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.lab.Waiting;
import io.anabranch.demo.story.Stories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import javafx.scene.control.ButtonBase;
import javafx.scene.layout.Region;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stories, what is long or cannot be done, and the inbox. */
class LabWindowTest extends WindowTest {
    @ParameterizedTest(name = "story {0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "1; Desk lamp|10|0|light,new|29.5|; Navy mug|24|0|kitchen|6|; Green tea|40|0|organic|4.25|; Fountain pen|7|0|office|18|",
                "2; Desk lamp|5|0|light,new|29.5|; Blue mug|24|0|kitchen|6|; Green tea|40|0|organic|4.25|; Fountain pen|7|0|office|18|",
                "3; Desk lamp|10|0|light,new|29.5|; Blue mug|24|0|kitchen|6|; Green tea|60|1|organic|4.25|; Fountain pen|7|0|office|18|",
                "4; Desk lamp|10|0|light,new|29.5|; Blue mug|24|0|kitchen|6|; Green tea|40|0|organic|4.25|; Fountain pen|7|0|office|15|Bob 1",
                "5; Brass lamp|10|0|light,new|29.5|; Blue mug|24|0|kitchen|6|; Green tea|40|0|organic|4.25|; Fountain pen|7|0|office|18|"
            })
    void aStoryEndsWithTheSameTableEverywhere(int story, String lamp, String mug, String tea, String pen) {
        Fx.run(() -> {
            window.stories().pause(Duration.ofMillis(1));
            window.play(Stories.all().get(story - 1));
        });
        until(shown -> !shown.stories().playing().get());
        untilAllShow(lamp, mug, tea, pen);
        assertThat(Fx.on(() -> window.problem())).isEmpty();
        assertThat(Fx.on(() -> window.stories().caption().get())).contains("5/5");
    }

    @Test
    void theInboxRestoresAValue() {
        Fx.run(() -> {
            window.stories().pause(Duration.ofMillis(1));
            window.play(Stories.all().get(0));
        });
        until(shown ->
                !shown.stories().playing().get() && shown.view().settlement().isSettled());
        until(shown -> shown.scene().lookup("#inbox-Ann .accent") != null);
        press("#inbox-Ann .accent");
        until(shown -> shown.view().settlement().isSettled()
                && shown.rows("Cyn").stream().anyMatch(row -> row.startsWith("Sea-blue mug|"))
                && shown.view().replicas().stream()
                        .allMatch(replica -> replica.conflicts().isEmpty()));
    }

    @Test
    void aNewLabTakesOverTheFilesAndThePortOfTheOneBefore(@TempDir Path folder) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        LabWindow other = Fx.on(() -> new LabWindow(progress -> {
            Lab lab = Lab.open(folder, port);
            lab.begin(2, Topology.STAR, progress);
            return lab;
        }));
        try {
            Fx.run(other::begin);
            Waiting.until(() -> Fx.on(() -> other.view().settlement().isSettled()), () -> Fx.on(other::problem));
            other.lab().board(0).add("Shelf", 1, 2);
            Fx.run(other::begin);
            Fx.run(other::begin);
            Waiting.until(
                    () -> Fx.on(() -> other.view().settlement().isSettled()
                            && titles(other, "Bob").contains("Shelf")),
                    () -> Fx.on(() -> other.view() + other.problem()));
            assertThat(Fx.on(() -> other.view().relayProblem())).isNull();
            assertThat(Fx.on(() -> other.problem())).isEmpty();
        } finally {
            Fx.run(other::close);
        }
    }

    @Test
    void storiesThatAreLeftWhileTheyOpenLeaveNothingBehind() {
        Fx.run(() -> Stories.all().forEach(window::play));
        until(shown -> shown.view().settlement().isSettled());
        Waiting.until(
                () -> labThreads()
                        .equals(List.of("lab-link-Ann-Relay", "lab-link-Bob-Relay", "lab-link-Cyn-Relay", "lab-watch")),
                () -> labThreads().toString());
    }

    private static List<String> labThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("lab-link-") || name.equals("lab-watch"))
                .sorted()
                .toList();
    }

    @Test
    void whatEndsEarlySaysSoAndCanBeStartedAgain() {
        show(1, Topology.STAR);
        List<Boolean> running = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Deque<RuntimeException> faults = new ArrayDeque<>(
                List.of(new UncheckedIOException(new IOException("disk full")), new IllegalStateException()));
        Background work = Fx.on(() -> new Background(
                "test-background",
                (lab, stopped) -> {
                    throw faults.remove();
                },
                running::add,
                problems::add));
        Fx.run(() -> work.start(window.lab()));
        until(shown -> problems.size() == 1);
        assertThat(Fx.on(work::isRunning)).isFalse();
        Fx.run(() -> work.start(window.lab()));
        until(shown -> problems.size() == 2);
        assertThat(problems)
                .containsExactly(
                        "It ended early: java.io.IOException: disk full",
                        "It ended early: That did not work: java.lang.IllegalStateException");
        assertThat(running).containsExactly(true, false, true, false);
    }

    @Test
    void openingALabCanBeCancelled() throws InterruptedException {
        CountDownLatch cancelled = new CountDownLatch(1);
        LabWindow other = Fx.on(() -> new LabWindow(progress -> {
            Lab lab = Lab.temporary();
            try {
                progress.reached(0.1);
                cancelled.await();
                lab.begin(3, Topology.STAR, progress);
                return lab;
            } catch (InterruptedException | RuntimeException e) {
                lab.close();
                throw new CancellationException();
            }
        }));
        try {
            Fx.run(other::begin);
            Waiting.until(() -> !Fx.on(() -> other.scene().lookup("#cancel").isDisabled()), () -> "nothing to cancel");
            Fx.run(() -> other.scene().getRoot().applyCss());
            Fx.run(() -> assertThat(((Region) other.scene().lookup(".progress-bar .bar"))
                            .getBackground()
                            .getFills())
                    .as("how far it has come is seen")
                    .isNotEqualTo(((Region) other.scene().lookup(".progress-bar .track"))
                            .getBackground()
                            .getFills()));
            Fx.run(() -> ((ButtonBase) other.scene().lookup("#cancel")).fire());
            cancelled.countDown();
            Waiting.until(() -> Fx.on(other::problem).equals("Cancelled."), () -> Fx.on(other::problem));
        } finally {
            Fx.run(other::close);
        }
    }

    @Test
    void fiveThousandRowsAreShownByAFewCells() {
        show(2, Topology.STAR);
        window.lab().board(0).addMany(5_000);
        until(shown -> shown.rows("Bob").size() == 5_004);
        untilSettled();
        int cells = Fx.on(() ->
                window.scene().lookup("#board-Bob").lookupAll(".table-row-cell").size());
        assertThat(cells).isLessThan(60);
    }
}
