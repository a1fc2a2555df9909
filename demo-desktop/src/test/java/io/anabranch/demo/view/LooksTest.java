// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javafx.geometry.Bounds;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.control.Control;
import javafx.scene.control.Labeled;
import javafx.scene.control.Toggle;
import javafx.scene.image.WritableImage;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.Region;
import org.junit.jupiter.api.Test;

/** What holds of the window as a whole. */
class LooksTest extends WindowTest {
    private static final int MORE_THAN_THERE_ARE = 200;

    @Test
    void everyControlIsReachedByTab() {
        show(3, Topology.STAR);
        Set<String> wanted = Fx.on(() -> {
            Set<String> found = new LinkedHashSet<>();
            collect(window.scene().getRoot(), found);
            return found;
        });
        assertThat(wanted).hasSizeGreaterThan(50);
        Set<String> reached = new HashSet<>();
        for (int i = 0; i < MORE_THAN_THERE_ARE && !reached.containsAll(wanted); i++) {
            robot.type(KeyCode.TAB);
            reached.add(Fx.on(() -> name(window.scene().getFocusOwner())));
        }
        assertThat(reached).containsAll(wanted);
    }

    /** Whatever is there to be used: controls that show and are not switched off. */
    private static void collect(Node node, Set<String> found) {
        if (!node.isVisible() || node.isDisabled()) {
            return;
        }
        // Of buttons in a group Tab stops at the chosen one, and the arrow keys go on from there.
        boolean isUnchosen = node instanceof Toggle toggle && toggle.getToggleGroup() != null && !toggle.isSelected();
        if (node instanceof Control control && control.isFocusTraversable() && !isUnchosen) {
            found.add(name(control));
        }
        if (node instanceof Parent parent && !(node instanceof BoardTable)) {
            parent.getChildrenUnmodifiable().forEach(child -> collect(child, found));
        }
    }

    private static String name(Node node) {
        return node.getId() != null ? node.getId() : node.toString();
    }

    /** JavaFX draws the whole picture anew when one cell in it changes; it keeps one of whatever is in its own scroll panes. */
    @Test
    void noPictureIsKeptOfWhatChangesPieceByPiece() {
        show(3, Topology.STAR);
        press("#show-timeline");
        until(shown -> node("#change-set").getScene() != null);
        assertThat(Fx.on(() -> withPicture(window.scene().getRoot()))).isEmpty();
    }

    private static List<Node> withPicture(Node node) {
        List<Node> found = new ArrayList<>(node.isCache() ? List.of(node) : List.of());
        if (node instanceof Parent parent) {
            parent.getChildrenUnmodifiable().forEach(child -> found.addAll(withPicture(child)));
        }
        return found;
    }

    @Test
    void ofSixReplicasEachSaysWhatItLacksAndNoBoardScrollsSideways() {
        show(3, Topology.RING);
        for (int more = 0; more < 3; more++) {
            press("#add-replica");
        }
        until(shown -> shown.view().replicas().size() == 6);
        untilSettled();
        window.lab().replicas().forEach(replica -> window.lab().board(replica).like("mug"));
        untilSettled();
        until(shown -> window.scene().getRoot().lookupAll(".card .label").stream()
                        .filter(label ->
                                label.isVisible() && ((Labeled) label).getText().equals("lacks nothing"))
                        .filter(label -> ((Region) label).getWidth() >= Math.floor(((Region) label).prefWidth(-1)))
                        .count()
                == 6);
        assertThat(Fx.on(() -> window.scene().getRoot().lookupAll(".board .scroll-bar").stream()
                        .filter(bar -> bar.isVisible() && ((Region) bar).getHeight() > 0)
                        .toList()))
                .isEmpty();
    }

    @Test
    void everythingIsLightOrEverythingIsDark() {
        show(2, Topology.STAR);
        until(shown -> brightness().stream().allMatch(part -> part > 0.75));
        press("#dark");
        until(shown -> brightness().stream().allMatch(part -> part < 0.3));
        press("#dark");
        until(shown -> brightness().stream().allMatch(part -> part > 0.75));
    }

    /** Returns how bright the drawing, the list of links, a board and the window as a whole are, from 0 to 1. */
    private List<Double> brightness() {
        WritableImage image = window.scene().snapshot(null);
        return Stream.of(
                        node("#network"),
                        node("#links"),
                        node("#board-Ann"),
                        window.scene().getRoot())
                .map(node -> brightness(image, node.localToScene(node.getLayoutBounds())))
                .toList();
    }

    private static double brightness(WritableImage image, Bounds of) {
        double sum = 0;
        int count = 0;
        for (int x = (int) of.getMinX(); x < of.getMaxX() - 1; x += 7) {
            for (int y = (int) of.getMinY(); y < of.getMaxY() - 1; y += 7) {
                sum += image.getPixelReader().getColor(x, y).getBrightness();
                count++;
            }
        }
        return sum / count;
    }
}
