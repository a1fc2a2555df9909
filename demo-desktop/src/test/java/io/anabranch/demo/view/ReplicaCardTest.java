// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabReplica;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.lab.Waiting;
import java.time.Duration;
import java.util.List;
import javafx.css.PseudoClass;
import javafx.scene.control.Labeled;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.Test;

/** What people do at one replica. */
class ReplicaCardTest extends WindowTest {
    private static final int MUG = 1;
    private static final int TEA = 2;

    @Test
    void whatIsTypedIntoACellIsWrittenEverywhere() {
        show(2, Topology.STAR);
        selectCell("Ann", MUG, 0);
        robot.type(KeyCode.ENTER);
        robot.write("Red mug");
        robot.type(KeyCode.ENTER);
        until(shown -> titles(shown, "Bob").contains("Red mug"));
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
    void aValueIsExplainedBesideIt() {
        show(2, Topology.STAR);
        selectCell("Bob", MUG, 0);
        robot.type(KeyCode.F1);
        Waiting.until(
                () -> !robot.lookup(".explain").queryAll().isEmpty(),
                () -> Fx.on(() -> "no popover" + window.problem()));
        List<String> lines = Fx.on(() -> robot.lookup(".explain .label").queryAllAs(Labeled.class).stream()
                .map(Labeled::getText)
                .toList());
        assertThat(lines)
                .contains("Rule lww: the later of two concurrent titles stays; the other is in the inbox.")
                .anyMatch(line -> line.startsWith("Ann wrote \"Blue mug\" at "));
    }

    @Test
    void aClockIsDialledByTenYearsEitherWay() {
        show(2, Topology.STAR);
        LabReplica ann = window.lab().replica(0);
        press("#clock-Ann");
        Waiting.until(() -> !robot.lookup("#years-Ann").queryAll().isEmpty(), () -> "no dial");
        Waiting.until(() -> Fx.on(() -> robot.lookup("#years-Ann").query().isFocused()), () -> "no focus");
        robot.type(KeyCode.END);
        until(shown -> ((Labeled) node("#clock-Ann")).getText().equals("+10 y"));
        assertThat(ann.clock().offset()).isEqualTo(Duration.ofDays(3_650));
        robot.type(KeyCode.HOME);
        until(shown -> ((Labeled) node("#clock-Ann")).getText().equals("-10 y"));
        assertThat(ann.clock().offset()).isEqualTo(Duration.ofDays(-3_650));
        window.lab().board(0).like("mug");
        until(shown -> shown.rows("Bob").contains("Blue mug|24|1|kitchen|6|"));
    }

    @Test
    void aReplicaIsKilledAndStartedAgain() {
        show(2, Topology.STAR);
        robot.clickOn("#more-Ann").clickOn("#crash-Ann");
        until(shown -> !shown.view().replicas().get(0).isUp());
        Fx.run(() -> assertThat(((Labeled) node("#problem-Ann")).getText())
                .isEqualTo("Ann crashed. Its file is as the crash left it."));
        window.lab().board(1).addStock("mug", 1);
        press("#start-Ann");
        until(shown ->
                shown.view().settlement().isSettled() && shown.rows("Ann").contains("Blue mug|25|0|kitchen|6|"));
    }

    @Test
    void aCloneIsAReplicaOfItsOwn() {
        show(2, Topology.STAR);
        robot.clickOn("#more-Bob").clickOn("#clone-Bob");
        until(shown -> shown.view().replicas().size() == 3 && shown.rows("Cyn").size() == 4);
        press("#add-Cyn");
        until(shown -> titles(shown, "Ann").contains("New item"));
        untilSettled();
    }

    @Test
    void aDeleteIsUndoneWithAllThatTheRowHeld() {
        show(2, Topology.STAR);
        List<String> before = Fx.on(() -> window.rows("Bob"));
        selectCell("Ann", TEA, 0);
        robot.type(KeyCode.DELETE);
        until(shown -> shown.rows("Bob").size() == 3);
        press("#undo-Ann");
        untilAllShow(before.toArray(String[]::new));
    }

    @Test
    void aCellLightsUpInTheColourOfWhoWroteIt() {
        show(2, Topology.STAR);
        until(shown -> litCells("Bob").isEmpty()); // What came as the lab opened is lit up too.
        window.lab().board(0).like("mug");
        Waiting.until(
                () -> Fx.on(() -> litCells("Bob")).equals(List.of("1 by-0")),
                () -> "not lit up: " + Fx.on(() -> litCells("Bob")));
        until(shown -> litCells("Bob").isEmpty());
    }

    private List<String> litCells(String replica) {
        return node("#board-" + replica).lookupAll(".table-cell").stream()
                .flatMap(cell -> cell.getPseudoClassStates().stream()
                        .map(PseudoClass::getPseudoClassName)
                        .filter(state -> state.startsWith("by-"))
                        .map(state -> ((Labeled) cell).getText() + " " + state))
                .toList();
    }

    @Test
    void whatIsMissingIsSaidUntilSomethingWorks() {
        show(2, Topology.STAR);
        press("#like-Ann");
        until(shown -> shown.problem().equals("Select a cell of Ann's board first."));
        selectCell("Ann", MUG, 0);
        press("#like-Ann");
        until(shown -> shown.problem().isEmpty() && shown.rows("Bob").contains("Blue mug|24|1|kitchen|6|"));
    }

    @Test
    void theInboxNamesARowByItsTitle() {
        show(2, Topology.STAR);
        Lab lab = window.lab();
        String id = lab.board(0).add("Shelf", 1, 2);
        until(shown -> titles(shown, "Bob").contains("Shelf"));
        lab.replicas().forEach(replica -> lab.online(replica, false));
        lab.board(0).putInCart(id, "Ann");
        lab.board(0).set(id, Item.Column.TITLE, "Oak shelf");
        lab.board(1).set(id, Item.Column.TITLE, "Elm shelf");
        lab.replicas().forEach(replica -> lab.online(replica, true));
        press("#show-inbox-Ann");
        until(shown -> shown.view().settlement().isSettled()
                && node("#inbox-Ann").lookup(".conflict-what") instanceof Labeled what
                && what.getText().startsWith("title of ")
                && what.getText().endsWith(" shelf"));
    }
}
