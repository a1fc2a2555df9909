// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import java.util.List;
import javafx.scene.paint.Color;

/** The colours of replicas, of which no two are told apart by hue alone, and those of the drawings; light and dark. */
final class Palette {
    private static final List<Color> LIGHT = colors("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#0b7a8a");
    private static final List<Color> DARK = colors("#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#f778ba", "#39c5cf");

    private final boolean isDark;

    Palette(boolean isDark) {
        this.isDark = isDark;
    }

    private static List<Color> colors(String... hex) {
        return java.util.Arrays.stream(hex).map(Color::web).toList();
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

    /** Returns a colour as CSS writes it. */
    static String css(Color color, double opacity) {
        return String.format(
                java.util.Locale.ROOT,
                "rgba(%d,%d,%d,%.2f)",
                Math.round(color.getRed() * 255),
                Math.round(color.getGreen() * 255),
                Math.round(color.getBlue() * 255),
                opacity);
    }
}
