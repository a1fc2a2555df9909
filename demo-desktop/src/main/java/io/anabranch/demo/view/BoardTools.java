// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.Explain;
import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabReplica;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.TableColumn;
import javafx.scene.control.TablePosition;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.Region;
import org.jspecify.annotations.Nullable;

/** What people do to a board, by buttons below it and by keys in it. */
final class BoardTools extends FlowPane {
    private static final KeyCombination UNDO = new KeyCodeCombination(KeyCode.Z, KeyCombination.SHORTCUT_DOWN);

    private final Lab lab;
    private final LabReplica replica;
    private final Board board;
    private final BoardTable table;
    private final Actions actions;

    BoardTools(Lab lab, LabReplica replica, BoardTable table, Actions actions) {
        super(3, 3);
        this.lab = lab;
        this.replica = replica;
        this.board = lab.board(replica);
        this.table = table;
        this.actions = actions;
        setAlignment(Pos.CENTER_LEFT);
        Button explain = tool("Explain", "Why does the selected cell show what it shows? (F1)", () -> {});
        explain.setOnAction(event -> explain(explain));
        getChildren()
                .addAll(
                        tool("Add", "Add an item at the end", () -> actions.run(() -> board.add("New item", 1, 1))),
                        onItem("Delete", "Delete the selected item (Delete)", this::delete),
                        tool("Undo", "Take back this replica's last act (Ctrl+Z)", this::undo),
                        onItem(
                                "Up",
                                "Move the item up (Ctrl+Up; to the top Ctrl+Home). Rows can be dragged, too.",
                                item -> board.move(item.id(), true)),
                        onItem(
                                "Down",
                                "Move the item down (Ctrl+Down; to the end Ctrl+End). Rows can be dragged, too.",
                                item -> board.move(item.id(), false)),
                        onItem("Sell 1", "stock = stock - 1", item -> board.addStock(item.id(), -1)),
                        onItem("Like", "likes = likes + 1", item -> board.like(item.id())),
                        explain);
        table.addEventFilter(KeyEvent.KEY_PRESSED, this::key);
    }

    private Button tool(String text, String tip, Runnable action) {
        Button button = new Button(text);
        button.getStyleClass().addAll("small", "tight");
        button.setMinWidth(Region.USE_PREF_SIZE);
        button.setId(text.toLowerCase(Locale.ROOT).replace(' ', '-') + "-" + replica.name());
        button.setTooltip(new Tooltip(tip));
        button.setAccessibleText(replica.name() + ": " + text);
        button.setOnAction(event -> action.run());
        return button;
    }

    private Button onItem(String text, String tip, Consumer<Item> action) {
        return tool(text, tip, () -> withSelected(action));
    }

    private void key(KeyEvent event) {
        if (table.getEditingCell() != null) {
            return;
        }
        KeyCode code = event.getCode();
        if (UNDO.match(event)) {
            undo();
        } else if (code == KeyCode.DELETE) {
            withSelected(this::delete);
        } else if (event.isShortcutDown() && (code == KeyCode.UP || code == KeyCode.DOWN)) {
            withSelected(item -> board.move(item.id(), code == KeyCode.UP));
        } else if (event.isShortcutDown() && code == KeyCode.HOME) {
            withSelected(item -> board.moveToTop(item.id()));
        } else if (event.isShortcutDown() && code == KeyCode.END) {
            withSelected(item -> board.moveBefore(item.id(), null));
        } else if (code == KeyCode.F1) {
            explain(table);
        } else if (code == KeyCode.ENTER || code == KeyCode.F2) {
            editSelected();
        } else {
            return;
        }
        event.consume();
    }

    // ---- What it does

    private void delete(Item item) {
        board.delete(item.id());
    }

    private void undo() {
        actions.run(board::undo);
    }

    private void withSelected(Consumer<Item> action) {
        Item item = table.selected();
        actions.run(() -> action.accept(selected(item)));
    }

    private Item selected(@Nullable Item item) {
        if (item == null) {
            throw new Board.BadInput("Select a cell of " + replica.name() + "'s board first.");
        }
        return item;
    }

    private void editSelected() {
        List<TablePosition> cells = table.getSelectionModel().getSelectedCells();
        if (!cells.isEmpty()) {
            @SuppressWarnings("unchecked") // A column of this table.
            TableColumn<ShopRow, ?> column = cells.get(0).getTableColumn();
            table.edit(cells.get(0).getRow(), column);
        }
    }

    private void explain(Node beside) {
        Item item = table.selected();
        Item.Column column = table.selectedColumn();
        actions.ask(
                () -> Explain.value(replica, lab.names(), selected(item).id(), column),
                lines -> new Explanation(
                                column.heading() + " of " + selected(item).title(), lines)
                        .show(beside));
    }
}
