// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.control.Toggle;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import org.jspecify.annotations.Nullable;

/** Buttons side by side of which one is chosen, by the mouse or, since Tab stops at the chosen one alone, by the arrow keys. */
final class Pills<T> extends HBox {
    private final ToggleGroup group = new ToggleGroup();
    private final Map<T, ToggleButton> buttons = new LinkedHashMap<>();
    private boolean isShowing;

    /** @param chosen hears what somebody chose; not what {@link #show} shows */
    Pills(Consumer<T> chosen) {
        setAlignment(Pos.CENTER);
        setMinWidth(Region.USE_PREF_SIZE);
        // The arrow keys select without an action.
        group.selectedToggleProperty().addListener((any, was, now) -> {
            if (isShowing) {
                return;
            }
            if (now == null) {
                select(was); // One always is.
                return;
            }
            buttons.forEach((value, button) -> {
                if (button == now) {
                    chosen.accept(value);
                }
            });
        });
    }

    /** Adds a button at the end. */
    ToggleButton add(T value, String text) {
        ToggleButton button = new ToggleButton(text);
        button.setToggleGroup(group);
        button.setMinWidth(Region.USE_PREF_SIZE);
        button.getStyleClass().addAll(buttons.isEmpty() ? "left-pill" : "right-pill", "small");
        ToggleButton last =
                buttons.isEmpty() ? null : (ToggleButton) getChildren().get(buttons.size() - 1);
        if (last != null && last.getStyleClass().remove("right-pill")) {
            last.getStyleClass().add("center-pill");
        }
        buttons.put(value, button);
        getChildren().add(button);
        return button;
    }

    /** Shows which one is chosen. */
    void show(T value) {
        select(buttons.get(value));
    }

    private void select(@Nullable Toggle toggle) {
        isShowing = true;
        group.selectToggle(toggle);
        isShowing = false;
    }
}
