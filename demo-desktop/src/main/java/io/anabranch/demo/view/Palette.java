// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javafx.css.PseudoClass;
import javafx.scene.paint.Color;

/** The colours of replicas, of which no two are told apart by hue alone, and those of the drawings; light and dark. */
final class Palette {
    private static final List<Color> LIGHT = colors("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#0b7a8a");
    private static final List<Color> DARK = colors("#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#f778ba", "#39c5cf");

    private static final double LIT_OPACITY = 0.38;
    private static final List<PseudoClass> WRITTEN_BY = IntStream.rangeClosed(0, LIGHT.size())
            .mapToObj(number -> PseudoClass.getPseudoClass("by-" + number))
            .toList();

    private final boolean isDark;

    Palette(boolean isDark) {
        this.isDark = isDark;
    }

    private static List<Color> colors(String... hex) {
        return Arrays.stream(hex).map(Color::web).toList();
    }

    boolean isDark() {
        return isDark;
    }

    /** Returns a replica's colour; grey for what is nobody's. */
    Color of(int number) {
        List<Color> colors = isDark ? DARK : LIGHT;
        return number < 0 ? muted() : colors.get(number % colors.size());
    }

    Color text() {
        return isDark ? Color.web("#e6edf3") : Color.web("#1f2328");
    }

    Color muted() {
        return isDark ? Color.web("#9198a1") : Color.web("#59636e");
    }

    Color faint() {
        return isDark ? Color.web("#3d444d") : Color.web("#d1d9e0");
    }

    Color paper() {
        return isDark ? Color.web("#0d1117") : Color.web("#ffffff");
    }

    Color danger() {
        return isDark ? Color.web("#f85149") : Color.web("#cf222e");
    }

    /** Returns the state of a cell that a replica has just written; -1 is nobody of the lab. */
    static PseudoClass writtenBy(int number) {
        return WRITTEN_BY.get(number < 0 ? LIGHT.size() : number % LIGHT.size());
    }

    /** Returns the colours of cells in those states, for the style sheet: {@code -lab-by-0} and so on. */
    String css() {
        StringBuilder css = new StringBuilder();
        for (int number = 0; number <= LIGHT.size(); number++) {
            Color color = of(number < LIGHT.size() ? number : -1);
            css.append(String.format(
                    Locale.ROOT,
                    "-lab-by-%d: rgba(%d,%d,%d,%.2f); ",
                    number,
                    Math.round(color.getRed() * 255),
                    Math.round(color.getGreen() * 255),
                    Math.round(color.getBlue() * 255),
                    LIT_OPACITY));
        }
        return css.toString();
    }
}
