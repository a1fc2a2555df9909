// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.BoardFeed;
import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Names;
import io.anabranch.demo.lab.Words;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import javafx.beans.binding.Bindings;
import javafx.beans.binding.DoubleBinding;
import javafx.scene.control.Label;
import javafx.scene.control.TableColumn;
import javafx.scene.control.TablePosition;
import javafx.scene.control.TableView;
import org.jspecify.annotations.Nullable;

/** The list of a board: virtual, so that thousands of rows cost no more than those on the screen. */
final class BoardTable extends TableView<ShopRow> {
    private static final double ROW_HEIGHT = 28;
    private static final Map<Item.Column, Double> SHARES = new EnumMap<>(Map.of(
            Item.Column.TITLE, 0.25,
            Item.Column.STOCK, 0.115,
            Item.Column.LIKES, 0.11,
            Item.Column.TAGS, 0.205,
            Item.Column.PRICE, 0.165,
            Item.Column.CART, 0.155));

    /** Below this width some columns are left out, so that the others can be read. */
    private static final double NARROW = 350;

    private static final Set<Item.Column> NUMBERS = EnumSet.of(Item.Column.STOCK, Item.Column.LIKES, Item.Column.PRICE);
    private static final Set<Item.Column> LEFT_OUT = EnumSet.of(Item.Column.LIKES, Item.Column.TAGS);
    private static final double NARROW_SHARE = 0.685;

    private final BoardRows rows = new BoardRows();
    private final RowDrag drag;

    /** What was typed into a cell. */
    interface Typed {
        void typed(String id, Item.Column column, String text);
    }

    /**
     * @param typed hears what was typed
     * @param moved hears of an item that was dragged, and which one is to follow it; null at the end
     */
    BoardTable(Typed typed, BiConsumer<String, @Nullable String> moved) {
        drag = new RowDrag(this, moved);
        getStyleClass().addAll("dense", "board");
        setEditable(true);
        setFixedCellSize(ROW_HEIGHT);
        DoubleBinding room = Bindings.createDoubleBinding(this::room, widthProperty(), heightProperty(), rows.rows());
        getSelectionModel().setCellSelectionEnabled(true);
        for (Item.Column column : Item.Column.values()) {
            TableColumn<ShopRow, ShopRow.@Nullable Shown> made = new TableColumn<>();
            Label heading = new Label(column.heading());
            heading.setTooltip(new javafx.scene.control.Tooltip(column.heading() + ": " + column.rule()));
            made.setGraphic(heading);
            made.setId(column.sqlName());
            if (NUMBERS.contains(column)) {
                made.getStyleClass().add("number");
            }
            made.setSortable(false);
            made.setReorderable(false);
            made.setCellValueFactory(row -> row.getValue().shown());
            made.setCellFactory(any -> new BoardCell(column, (id, text) -> typed.typed(id, column, text)));
            made.prefWidthProperty()
                    .bind(Bindings.createDoubleBinding(
                            () -> Math.floor(
                                    room.get() * SHARES.getOrDefault(column, 0.0) / (isNarrow() ? NARROW_SHARE : 1)),
                            room));
            if (LEFT_OUT.contains(column)) {
                widthProperty().addListener(any -> made.setVisible(!isNarrow()));
            }
            getColumns().add(made);
        }
        Label empty = new Label("No items yet.\nAdd one, or let the network bring some.");
        empty.getStyleClass().add("empty");
        setPlaceholder(empty);
        setItems(rows.rows());
    }

    /** Returns the width that is left for columns, beside a scroll bar if there are more rows than fit. */
    private double room() {
        boolean fits = (rows.rows().size() + 1) * ROW_HEIGHT + 4 <= getHeight();
        return getWidth() - (fits ? 3 : 17);
    }

    private boolean isNarrow() {
        return getWidth() < NARROW;
    }

    void apply(BoardFeed.Update update, Names names, long nowNanos) {
        ShopRow selected = getSelectionModel().getSelectedItem();
        @SuppressWarnings("unchecked") // Its columns are those made above.
        TableColumn<ShopRow, ?> column = getSelectionModel().getSelectedCells().isEmpty()
                ? null
                : getSelectionModel().getSelectedCells().get(0).getTableColumn();
        rows.apply(update, names, nowNanos);
        if (selected != null && getSelectionModel().getSelectedItem() != selected) {
            ShopRow again = rows.find(selected.item().id());
            int index = again == null ? -1 : getItems().indexOf(again);
            getSelectionModel().clearSelection();
            if (index >= 0 && column != null) {
                getSelectionModel().select(index, column);
            }
        }
    }

    void frame(long nowNanos) {
        rows.dim(nowNanos);
        drag.frame();
    }

    /** Returns whether a cell is lit up. */
    boolean isFlashing() {
        return rows.isFlashing();
    }

    /** Returns the item that is selected; null if none is. */
    @Nullable
    Item selected() {
        ShopRow row = getSelectionModel().getSelectedItem();
        return row == null ? null : row.item();
    }

    /** Returns what an item is called: its title, or some of its id if it is not there. */
    String title(String id) {
        ShopRow row = rows.find(id);
        return row == null || row.item().title().isEmpty()
                ? Words.id(id)
                : row.item().title();
    }

    /** Returns the column of the selected cell; the title if none is. */
    Item.Column selectedColumn() {
        if (!getSelectionModel().getSelectedCells().isEmpty()) {
            TablePosition<?, ?> at = getSelectionModel().getSelectedCells().get(0);
            for (Item.Column column : Item.Column.values()) {
                if (at.getTableColumn() != null
                        && column.sqlName().equals(at.getTableColumn().getId())) {
                    return column;
                }
            }
        }
        return Item.Column.TITLE;
    }
}
