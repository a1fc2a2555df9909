// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Names;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.Pane;
import javafx.scene.paint.Color;
import org.jspecify.annotations.Nullable;

/**
 * A version vector as small bars: one for each origin, as high as what the replica holds of it. A dashed outline above a bar
 * is what others hold and this one lacks.
 */
final class VectorBars extends Pane {
    private static final double HEIGHT = 30;
    private static final double BAR = 15;
    private static final double GAP = 4;
    private static final int MOST = 10;

    private final Canvas canvas = new Canvas(MOST * (BAR + GAP), HEIGHT);
    private final Tooltip tooltip = new Tooltip();
    private @Nullable Palette drawnIn;

    VectorBars() {
        getChildren().add(canvas);
        setMinHeight(HEIGHT);
        setMaxHeight(HEIGHT);
        Tooltip.install(this, tooltip);
    }

    void show(LabView.ReplicaView view, VersionVector highest, Names names, Palette palette) {
        List<Map.Entry<Origin, Long>> origins = highest.entries().entrySet().stream()
                .sorted(Comparator.<Map.Entry<Origin, Long>>comparingInt(
                                entry -> names.number(entry.getKey()) < 0 ? MOST : names.number(entry.getKey()))
                        .thenComparing(Map.Entry::getKey))
                .toList();
        String text = inWords(view, origins, names);
        if (text.equals(getAccessibleText()) && palette == drawnIn) {
            return;
        }
        drawnIn = palette;
        tooltip.setText(text);
        setAccessibleText(text);
        long most = origins.stream().mapToLong(Map.Entry::getValue).max().orElse(1);
        double width = Math.min(MOST, origins.size()) * (BAR + GAP);
        setMinWidth(width);
        setMaxWidth(width);
        GraphicsContext g = canvas.getGraphicsContext2D();
        g.clearRect(0, 0, canvas.getWidth(), HEIGHT);
        double x = 0.5;
        for (Map.Entry<Origin, Long> entry : origins) {
            if (x + BAR <= canvas.getWidth()) {
                bar(
                        g,
                        x,
                        height(view.vector().get(entry.getKey()), most),
                        height(entry.getValue(), most),
                        palette.of(names.number(entry.getKey())),
                        palette);
            }
            x += BAR + GAP;
        }
    }

    private static String inWords(LabView.ReplicaView view, List<Map.Entry<Origin, Long>> origins, Names names) {
        StringBuilder text = new StringBuilder("Version vector: how many change sets of each are here");
        for (Map.Entry<Origin, Long> entry : origins) {
            long here = view.vector().get(entry.getKey());
            text.append('\n').append(names.of(entry.getKey())).append(' ').append(here);
            if (here < entry.getValue()) {
                text.append(" of ").append(entry.getValue());
            }
        }
        return text.toString();
    }

    /** Small numbers differ by a pixel or more; large ones by their proportion. */
    private static double height(long value, long most) {
        return value == 0
                ? 0
                : 3 + Math.round((HEIGHT - 6) * Math.log1p((double) value) / Math.log1p((double) Math.max(most, 8)));
    }

    private static void bar(GraphicsContext g, double x, double here, double highest, Color color, Palette palette) {
        g.setFill(color);
        g.fillRect(x, HEIGHT - 1 - here, BAR, here);
        if (highest > here) {
            g.setStroke(color);
            g.setLineWidth(1);
            g.setLineDashes(2, 2);
            g.strokeRect(x + 0.5, HEIGHT - 1.5 - highest, BAR - 1, highest - here);
            g.setLineDashes();
        }
        g.setStroke(palette.faint());
        g.setLineWidth(1);
        g.strokeLine(x - 2, HEIGHT - 0.5, x + BAR + 2, HEIGHT - 0.5);
    }
}
