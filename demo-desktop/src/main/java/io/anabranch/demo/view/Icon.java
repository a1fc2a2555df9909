// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import javafx.scene.SnapshotParameters;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.image.Image;
import javafx.scene.paint.Color;
import javafx.scene.shape.StrokeLineCap;

/** The icon: a stream that leaves the river and rejoins it further down. */
public final class Icon {
    private Icon() {}

    /** Returns the icon in that many pixels. Call it on JavaFX's thread. */
    public static Image image(double size) {
        SnapshotParameters clear = new SnapshotParameters();
        clear.setFill(Color.TRANSPARENT);
        return canvas(size).snapshot(clear, null);
    }

    static Canvas canvas(double size) {
        Canvas canvas = new Canvas(size, size);
        GraphicsContext g = canvas.getGraphicsContext2D();
        g.setFill(Color.web("#0969da"));
        g.fillRoundRect(0, 0, size, size, size * 0.36, size * 0.36);
        g.setStroke(Color.WHITE);
        g.setLineCap(StrokeLineCap.ROUND);
        g.setLineWidth(size * 0.11);
        g.strokeLine(size * 0.36, size * 0.16, size * 0.36, size * 0.84);
        g.setLineWidth(size * 0.08);
        g.beginPath();
        g.moveTo(size * 0.36, size * 0.24);
        g.bezierCurveTo(size * 0.92, size * 0.34, size * 0.92, size * 0.66, size * 0.36, size * 0.76);
        g.stroke();
        return canvas;
    }
}
