// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Item;
import java.util.function.BiConsumer;
import javafx.css.PseudoClass;
import javafx.scene.control.TableCell;
import javafx.scene.control.TextField;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCode;
import org.jspecify.annotations.Nullable;

/** A cell that shows one column of an item, can be typed into, and lights up in the colour of who wrote it. */
final class BoardCell extends TableCell<ShopRow, ShopRow.@Nullable Shown> {
    private final Item.Column column;
    private final BiConsumer<String, String> typed;
    private final TextField field = new TextField();
    private @Nullable PseudoClass lit;

    /** @param typed is given the item's id, and what was typed */
    BoardCell(Item.Column column, BiConsumer<String, String> typed) {
        this.column = column;
        this.typed = typed;
        field.getStyleClass().add("cell-field");
        field.setOnAction(event -> commit());
        field.setOnKeyPressed(event -> {
            if (event.getCode() == KeyCode.ESCAPE) {
                cancelEdit();
                event.consume();
            }
        });
    }

    @Override
    public void startEdit() {
        ShopRow.Shown shown = getItem();
        if (shown == null) {
            return;
        }
        super.startEdit();
        if (isEditing()) {
            field.setText(
                    column == Item.Column.PRICE
                            ? shown.item().prices().get(0)
                            : shown.item().text(column));
            setText(null);
            setGraphic(field);
            field.selectAll();
            field.requestFocus();
        }
    }

    private void commit() {
        ShopRow.Shown shown = getItem();
        String text = field.getText();
        cancelEdit();
        if (shown != null) {
            typed.accept(shown.item().id(), text);
        }
        getTableView().requestFocus();
    }

    @Override
    public void cancelEdit() {
        super.cancelEdit();
        setGraphic(null);
        show(getItem());
    }

    @Override
    protected void updateItem(ShopRow.@Nullable Shown shown, boolean empty) {
        super.updateItem(shown, empty);
        if (!isEditing()) {
            setGraphic(null);
            show(empty ? null : shown);
        }
    }

    private void show(ShopRow.@Nullable Shown shown) {
        if (shown == null) {
            setText(null);
            lightUp(null);
            setTooltip(null);
            return;
        }
        String text = shown.item().text(column);
        setText(text);
        if (getTooltip() == null || !getTooltip().getText().equals(text)) {
            setTooltip(text.length() > 8 ? new Tooltip(text) : null);
        }
        lightUp(shown.flash(column));
    }

    /** @param by the number of who wrote it; null if it was not written lately */
    private void lightUp(@Nullable Integer by) {
        PseudoClass next = by == null ? null : Palette.writtenBy(by);
        if (next != lit) {
            if (lit != null) {
                pseudoClassStateChanged(lit, false);
            }
            if (next != null) {
                pseudoClassStateChanged(next, true);
            }
            lit = next;
        }
    }
}
