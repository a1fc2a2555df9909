// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import java.util.function.BiConsumer;
import javafx.css.PseudoClass;
import javafx.geometry.Bounds;
import javafx.geometry.Point2D;
import javafx.scene.Cursor;
import javafx.scene.Node;
import javafx.scene.control.TableRow;
import javafx.scene.control.TableView;
import javafx.scene.control.skin.VirtualFlow;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseButton;
import javafx.scene.input.MouseEvent;
import org.jspecify.annotations.Nullable;

/**
 * Lets the rows of a board be dragged to another place: a line shows where, at the edges the list scrolls, Escape gives up. The
 * board itself is not touched: it shows the new order once that was written. Confined to JavaFX's thread.
 */
final class RowDrag {
    private static final double THRESHOLD = 5;
    private static final double EDGE = 14;
    private static final double SCROLL_A_FRAME = 6;
    private static final PseudoClass ABOVE = PseudoClass.getPseudoClass("drop-above");
    private static final PseudoClass BELOW = PseudoClass.getPseudoClass("drop-below");

    private final TableView<ShopRow> table;
    private final BiConsumer<String, @Nullable String> moved;
    private @Nullable Point2D pressedAt;
    private @Nullable String id;
    private boolean isDragging;
    private double sceneX;
    private double sceneY;
    private @Nullable TableRow<?> marked;

    /** @param moved is given the item that was dragged, and the one that is to follow it; null at the end */
    RowDrag(TableView<ShopRow> table, BiConsumer<String, @Nullable String> moved) {
        this.table = table;
        this.moved = moved;
        table.addEventFilter(MouseEvent.MOUSE_PRESSED, this::pressed);
        table.addEventFilter(MouseEvent.MOUSE_DRAGGED, this::dragged);
        table.addEventFilter(MouseEvent.MOUSE_RELEASED, this::released);
        table.addEventFilter(KeyEvent.KEY_PRESSED, event -> {
            if (isDragging && event.getCode() == KeyCode.ESCAPE) {
                end();
                event.consume();
            }
        });
    }

    private void pressed(MouseEvent event) {
        end();
        TableRow<?> row = rowOf(event.getPickResult().getIntersectedNode());
        if (row != null && event.getButton() == MouseButton.PRIMARY && table.getEditingCell() == null) {
            id = ((ShopRow) row.getItem()).item().id();
            pressedAt = new Point2D(event.getSceneX(), event.getSceneY());
        }
    }

    /** Returns the row that something is in; null if it is in none that shows an item. */
    private @Nullable TableRow<?> rowOf(@Nullable Node node) {
        for (Node at = node; at != null && at != table; at = at.getParent()) {
            if (at instanceof TableRow<?> row) {
                return row.isEmpty() ? null : row;
            }
        }
        return null;
    }

    private void dragged(MouseEvent event) {
        Point2D from = pressedAt;
        if (from == null) {
            return;
        }
        sceneX = event.getSceneX();
        sceneY = event.getSceneY();
        if (isDragging || from.distance(sceneX, sceneY) > THRESHOLD) {
            isDragging = true;
            table.setCursor(Cursor.CLOSED_HAND);
            mark();
            event.consume();
        }
    }

    private void released(MouseEvent event) {
        String dragged = id;
        TableRow<?> at = marked;
        boolean isBelow = at != null && at.getPseudoClassStates().contains(BELOW);
        boolean isDropped = isDragging;
        end();
        if (isDropped) {
            event.consume();
        }
        if (dragged != null && at != null && at.getItem() instanceof ShopRow target) {
            int next = table.getItems().indexOf(target) + (isBelow ? 1 : 0);
            moved.accept(
                    dragged,
                    next < table.getItems().size()
                            ? table.getItems().get(next).item().id()
                            : null);
        }
    }

    private void end() {
        unmark();
        table.setCursor(null);
        pressedAt = null;
        id = null;
        isDragging = false;
    }

    // ---- Where to

    /** Goes on scrolling while the mouse rests at an edge. Once a frame. */
    void frame() {
        VirtualFlow<?> flow = isDragging ? (VirtualFlow<?>) table.lookup(".virtual-flow") : null;
        if (flow == null) {
            return;
        }
        Bounds list = flow.localToScene(flow.getLayoutBounds());
        double by = sceneY < list.getMinY() + EDGE ? -1 : sceneY > list.getMaxY() - EDGE ? 1 : 0;
        if (by != 0) {
            flow.scrollPixels(by * SCROLL_A_FRAME);
        }
        mark(); // Rows may have come and gone under the mouse, too.
    }

    private void mark() {
        TableRow<?> row = nearest();
        if (row == null || !table.localToScene(table.getLayoutBounds()).contains(sceneX, sceneY)) {
            unmark();
            return;
        }
        Bounds bounds = row.localToScene(row.getLayoutBounds());
        boolean isBelow = sceneY > bounds.getCenterY();
        if (marked != row) {
            unmark();
            marked = row;
        }
        row.pseudoClassStateChanged(ABOVE, !isBelow);
        row.pseudoClassStateChanged(BELOW, isBelow);
    }

    /** Returns the row that is nearest to the mouse; null if there is none. */
    private @Nullable TableRow<?> nearest() {
        TableRow<?> nearest = null;
        double least = Double.MAX_VALUE;
        for (Node node : table.lookupAll(".table-row-cell")) {
            TableRow<?> row = node.isVisible() ? rowOf(node) : null;
            double away = Math.abs(node.localToScene(node.getLayoutBounds()).getCenterY() - sceneY);
            if (row != null && away < least) {
                nearest = row;
                least = away;
            }
        }
        return nearest;
    }

    private void unmark() {
        if (marked != null) {
            marked.pseudoClassStateChanged(ABOVE, false);
            marked.pseudoClassStateChanged(BELOW, false);
            marked = null;
        }
    }
}
