// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Topology;
import java.util.List;
import javafx.geometry.Point2D;
import javafx.scene.control.IndexedCell;
import javafx.scene.control.skin.VirtualFlow;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.Test;

/** The order of a board's rows: by dragging, by buttons and by keys. */
class RowOrderTest extends WindowTest {
    private static final int LAMP = 0;
    private static final int MUG = 1;
    private static final int TEA = 2;
    private static final int PEN = 3;

    @Test
    void rowsAreMovedByButtonsAndKeys() {
        show(2, Topology.STAR);
        selectCell("Ann", PEN, 0);
        press("#up-Ann");
        until(shown -> titles(shown, "Bob").equals(List.of("Desk lamp", "Blue mug", "Fountain pen", "Green tea")));
        until(shown -> titles(shown, "Ann").equals(titles(shown, "Bob")));
        robot.press(KeyCode.SHORTCUT).type(KeyCode.UP).release(KeyCode.SHORTCUT);
        until(shown -> titles(shown, "Bob").equals(List.of("Desk lamp", "Fountain pen", "Blue mug", "Green tea")));
        press("#down-Ann");
        until(shown -> titles(shown, "Bob").equals(List.of("Desk lamp", "Blue mug", "Fountain pen", "Green tea")));
    }

    @Test
    void aRowIsDraggedToAnotherPlace() {
        show(2, Topology.STAR);
        robot.drag(inRow("Ann", PEN, 0.5)).dropTo(inRow("Ann", MUG, 0.2));
        untilTitles("Desk lamp", "Fountain pen", "Blue mug", "Green tea");
        robot.drag(inRow("Bob", LAMP, 0.5)).dropTo(inRow("Bob", TEA, 0.8));
        untilTitles("Fountain pen", "Blue mug", "Desk lamp", "Green tea");
        robot.drag(inRow("Ann", LAMP, 0.5)).dropTo(inRow("Ann", PEN, 3)); // In the empty space below.
        untilTitles("Blue mug", "Desk lamp", "Green tea", "Fountain pen");
        press("#undo-Ann");
        untilTitles("Fountain pen", "Blue mug", "Desk lamp", "Green tea");
    }

    @Test
    void aDragThatIsGivenUpOrEndsElsewhereMovesNothing() {
        show(2, Topology.STAR);
        robot.drag(inRow("Ann", PEN, 0.5))
                .moveTo(inRow("Ann", MUG, 0.2))
                .type(KeyCode.ESCAPE)
                .drop();
        robot.drag(inRow("Ann", PEN, 0.5)).dropTo(inRow("Bob", MUG, 0.2));
        robot.drag(inRow("Ann", PEN, 0.5)).dropTo(inRow("Ann", PEN, 0.2));
        press("#add-Ann"); // Done after whatever came before it.
        untilTitles("Desk lamp", "Blue mug", "Green tea", "Fountain pen", "New item");
        assertThat(window.lab().board(0).undoable()).isEqualTo("adding New item");
        window.lab().board(0).undo();
        assertThat(window.lab().board(0).undoable()).isEqualTo("adding Fountain pen");
    }

    @Test
    void aLongListScrollsWhileARowIsHeldAtItsEdge() {
        show(1, Topology.STAR);
        window.lab().board(0).addMany(60);
        until(shown -> shown.rows("Ann").size() == 64);
        robot.drag(inRow("Ann", LAMP, 0.5))
                .moveTo(Fx.on(() -> list("Ann").localToScreen(60, list("Ann").getHeight() - 4)));
        until(shown -> firstRow("Ann") > 10);
        robot.drop();
        until(shown -> titles(shown, "Ann").indexOf("Desk lamp") > 10);
    }

    private int firstRow(String replica) {
        return list(replica).getFirstVisibleCell().getIndex();
    }

    private VirtualFlow<?> list(String replica) {
        return (VirtualFlow<?>) node("#board-" + replica).lookup(".virtual-flow");
    }

    private void untilTitles(String... titles) {
        until(shown -> titles(shown, "Ann").equals(List.of(titles))
                && titles(shown, "Bob").equals(List.of(titles)));
        untilSettled();
    }

    /** Returns a point on the screen in a row, or below it, that many of its heights down. */
    private Point2D inRow(String replica, int row, double down) {
        return Fx.on(() -> {
            IndexedCell<?> cell = list(replica).getCell(row);
            return cell.localToScreen(cell.getWidth() / 8, cell.getHeight() * down);
        });
    }

    @Test
    void aRowIsMovedToEitherEndByKeys() {
        show(2, Topology.STAR);
        selectCell("Ann", TEA, 0);
        robot.press(KeyCode.SHORTCUT).type(KeyCode.HOME).release(KeyCode.SHORTCUT);
        untilTitles("Green tea", "Desk lamp", "Blue mug", "Fountain pen");
        robot.press(KeyCode.SHORTCUT).type(KeyCode.END).release(KeyCode.SHORTCUT);
        untilTitles("Desk lamp", "Blue mug", "Fountain pen", "Green tea");
    }
}
