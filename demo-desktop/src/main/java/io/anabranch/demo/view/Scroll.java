// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import javafx.scene.Node;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Skin;

/**
 * A scroll pane that draws what changed in it. JavaFX's own keeps a picture of all it holds, for quick scrolling, and draws the
 * whole of that anew when a single cell changes.
 */
final class Scroll extends ScrollPane {
    Scroll(Node content) {
        super(content);
        getStyleClass().add("edge-to-edge");
        setFitToWidth(true);
    }

    @Override
    protected Skin<?> createDefaultSkin() {
        Skin<?> skin = super.createDefaultSkin();
        lookupAll(".viewport").forEach(viewport -> viewport.setCache(false));
        return skin;
    }
}
