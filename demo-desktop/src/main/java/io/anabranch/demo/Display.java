// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether there is a display, and how to do without one. */
public final class Display {
    private static final String HEADLESS_WAY =
            "Pictures can be made without one:" + " anabranch desktop --screenshot DIR --story 1";

    private Display() {}

    /** Returns in a sentence why no window can be shown; null if one can be tried. */
    static @Nullable String missing() {
        return missing(System.getProperty("os.name", ""), System.getenv());
    }

    static @Nullable String missing(String system, Map<String, String> environment) {
        boolean isLinux = system.toLowerCase(Locale.ROOT).contains("linux");
        boolean hasOne = !environment.getOrDefault("DISPLAY", "").isEmpty()
                || !environment.getOrDefault("WAYLAND_DISPLAY", "").isEmpty();
        return isLinux && !hasOne ? "there is no display (DISPLAY is not set). " + HEADLESS_WAY : null;
    }

    /** Returns what a toolkit that could not start means, in a sentence. */
    static String cannotStart(Throwable e) {
        return "the display cannot be used (" + e.getMessage() + "); on Linux JavaFX needs GTK 3 (Debian: libgtk-3-0). "
                + HEADLESS_WAY;
    }

    /** Lets JavaFX draw into memory, by its own software. Before it starts. */
    public static void useNone() {
        System.setProperty("glass.platform", "Monocle");
        System.setProperty("monocle.platform", "Headless");
        System.setProperty("prism.order", "sw");
        System.setProperty("headless.geometry", "1280x720");
        System.setProperty("java.awt.headless", "true");
    }
}
