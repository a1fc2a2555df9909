// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import atlantafx.base.controls.Popover;
import java.util.List;
import javafx.geometry.Insets;
import javafx.scene.control.Label;
import javafx.scene.layout.VBox;

/** Why a cell shows what it shows, beside it. */
final class Explanation extends Popover {
    private static final double WIDTH = 380;

    Explanation(String title, List<String> lines) {
        VBox texts = new VBox(4);
        texts.setPadding(new Insets(4));
        texts.getStyleClass().add("explain");
        for (String line : lines) {
            Label label = new Label(line);
            label.setWrapText(true);
            label.setMaxWidth(WIDTH);
            texts.getChildren().add(label);
        }
        setContentNode(texts);
        setTitle(title);
        setHeaderAlwaysVisible(true);
        setDetachable(false);
        setArrowLocation(ArrowLocation.BOTTOM_CENTER);
    }
}
