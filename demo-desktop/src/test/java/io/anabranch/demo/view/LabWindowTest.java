// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.lab.Waiting;
import io.anabranch.demo.story.Stories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import javafx.scene.Node;
import javafx.scene.control.ButtonBase;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.testfx.api.FxRobot;

/** The lab's window, as people use it, drawn into memory. */
class LabWindowTest {
    private final FxRobot robot = new FxRobot();
    private LabWindow window;
    private Stage stage;

    @BeforeEach
    void open() {
        Fx.start();
        window = Fx.on(() -> new LabWindow(progress -> Lab.temporary()));
        stage = Fx.on(() -> {
            Stage made = new Stage();
            made.setScene(window.scene());
            made.show();
            return made;
        });
    }

    @AfterEach
    void close() {
        if (window != null) {
            Fx.run(() -> stage.hide());
            Fx.run(() -> window.close());
        }
    }

    private void show(int replicas, Topology topology) {
        Lab lab = Lab.temporary();
        lab.begin(replicas, topology);
        Fx.run(() -> window.show(lab));
        untilSettled();
    }

    private void until(Predicate<LabWindow> condition) {
        Waiting.until(() -> Fx.on(() -> condition.test(window)), () -> Fx.on(() -> window.view() + window.problem()));
    }

    private void untilSettled() {
        until(shown -> shown.view().settlement().isSettled());
    }

    private void press(String id) {
        Fx.run(() -> {
            Node node = window.scene().lookup(id);
            assertThat(node).as(id).isNotNull();
            ((ButtonBase) node).fire();
        });
    }

    /** Rows as text: title, stock, likes, tags, prices, cart. */
    private void untilAllShow(String... rows) {
        until(shown -> shown.view().settlement().isSettled()
                && shown.view().replicas().stream()
                        .map(LabView.ReplicaView::name)
                        .allMatch(name -> shown.rows(name).equals(List.of(rows))));
    }

    @ParameterizedTest(name = "story {0}")
    @CsvSource(
            delimiter = ';',
            value = {
                "1; Desk lamp|10|0|light,new|29.5|; Navy mug|24|0|kitchen|6|; Green tea|40|0|kitchen,organic|4.25|; Fountain pen|7|0|office|18|",
                "2; Desk lamp|5|0|light,new|29.5|; Blue mug|24|0|kitchen|6|; Green tea|40|0|kitchen,organic|4.25|; Fountain pen|7|0|office|18|",
                "3; Desk lamp|10|0|light,new|29.5|; Blue mug|24|0|kitchen|6|; Green tea|60|1|kitchen,organic|4.25|; Fountain pen|7|0|office|18|",
                "4; Desk lamp|10|0|light,new|29.5|; Blue mug|24|0|kitchen|6|; Green tea|40|0|kitchen,organic|4.25|; Fountain pen|7|0|office|15|Bob 1",
                "5; Brass lamp|10|0|light,new|29.5|; Blue mug|24|0|kitchen|6|; Green tea|40|0|kitchen,organic|4.25|; Fountain pen|7|0|office|18|"
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
    void switchedOffEditedTwiceAndSwitchedOnItIsMerged() {
        show(2, Topology.STAR);
        robot.clickOn("#network-Ann");
        until(shown -> !shown.view().replicas().get(0).isSwitchedOn());
        Lab lab = window.lab();
        lab.board(0).addStock("lamp", -3);
        lab.board(1).addStock("lamp", -2);
        until(shown -> shown.rows("Ann").get(0).startsWith("Desk lamp|7|")
                && shown.rows("Bob").get(0).startsWith("Desk lamp|8|"));
        robot.clickOn("#network-Ann");
        until(shown -> shown.view().settlement().isSettled()
                && shown.rows("Ann").get(0).startsWith("Desk lamp|5|")
                && shown.rows("Bob").get(0).startsWith("Desk lamp|5|"));
    }

    @Test
    void whatIsTypedIntoACellIsWrittenEverywhere() {
        show(2, Topology.STAR);
        Fx.run(() -> {
            BoardTable table = (BoardTable) window.scene().lookup("#board-Ann");
            table.requestFocus();
            table.getSelectionModel().select(1, table.getColumns().get(0));
        });
        robot.type(KeyCode.ENTER);
        robot.write("Red mug");
        robot.type(KeyCode.ENTER);
        until(shown -> shown.rows("Bob").stream().anyMatch(row -> row.startsWith("Red mug|")));
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
    void buttonsChangeTheLab() {
        show(2, Topology.STAR);
        press("#topology-RING");
        press("#add-replica");
        until(shown ->
                shown.view().replicas().size() == 3 && shown.view().links().size() == 3);
        window.lab().crash(window.lab().replica(2));
        until(shown -> !shown.view().replicas().get(2).isUp());
        press("#heal");
        untilSettled();
        Fx.run(() -> window.dark(true));
        press("#show-timeline");
        Fx.run(() -> window.problem("Something."));
        assertThat(Fx.on(() -> window.problem())).isEqualTo("Something.");
    }

    @Test
    void linksAreCutDialledAndMadeByKeyboard() {
        show(2, Topology.STAR);
        focus("#link-Ann-Relay");
        robot.type(KeyCode.SPACE);
        until(shown -> !shown.view().links().get(0).isOn());
        focus("#latency-Ann-Relay");
        robot.type(KeyCode.RIGHT);
        until(shown -> shown.view().links().get(0).latencyMillis() > 0);
        focus("#loss-Bob-Relay");
        robot.type(KeyCode.RIGHT);
        until(shown -> shown.view().links().get(1).lossPercent() > 0);
        press("#link");
        until(shown -> shown.view().links().size() == 3
                && shown.view().links().get(2).pair().equals(new Topology.Pair("Ann", "Bob")));
    }

    private void focus(String id) {
        Fx.run(() -> window.scene().lookup(id).requestFocus());
    }

    @Test
    void aRelayThatDiesIsASentenceAndEditingGoesOn() {
        show(2, Topology.STAR);
        press("#relay-switch");
        until(shown -> shown.problem().startsWith("The relay is down."));
        window.lab().board(0).like("mug");
        until(shown -> shown.rows("Ann").contains("Blue mug|24|1|kitchen|6|"));
        press("#heal");
        until(shown -> shown.problem().isEmpty() && shown.view().settlement().isSettled());
    }

    @Test
    void aFolderThatCannotBeWrittenIsASentenceAndStoriesStillPlay(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        LabWindow other = Fx.on(() -> new LabWindow(progress -> Lab.open(file.resolve("lab"), 0)));
        try {
            Fx.run(other::begin);
            Waiting.until(
                    () -> Fx.on(other::problem).contains("Choose another folder with --data."),
                    () -> Fx.on(other::problem));
            Fx.run(() -> other.play(Stories.all().get(1)));
            Waiting.until(
                    () -> Fx.on(() -> other.view().settlement().isSettled()),
                    () -> Fx.on(() -> other.view().toString()));
        } finally {
            Fx.run(other::close);
        }
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
            Fx.run(() -> ((ButtonBase) other.scene().lookup("#cancel")).fire());
            cancelled.countDown();
            Waiting.until(
                    () -> Fx.on(other::problem).equals("Cancelled. Nothing was changed."), () -> Fx.on(other::problem));
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
