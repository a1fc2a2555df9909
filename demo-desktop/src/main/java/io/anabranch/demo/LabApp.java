// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Progress;
import io.anabranch.demo.story.Stories;
import io.anabranch.demo.view.Icon;
import io.anabranch.demo.view.LabWindow;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javafx.geometry.Rectangle2D;
import javafx.stage.Screen;
import javafx.stage.Stage;
import org.jspecify.annotations.Nullable;

/** The lab in a window. */
final class LabApp {
    private LabApp() {}

    /** Shows the lab, and returns once its window is closed. */
    static void show(Function<Progress, Lab> open, boolean dark, @Nullable Integer story) throws InterruptedException {
        AtomicReference<@Nullable LabWindow> shown = new AtomicReference<>();
        Toolkit.untilClosed(() -> {
            LabWindow window = new LabWindow(open);
            shown.set(window);
            window.dark(dark);
            Stage stage = new Stage();
            stage.setTitle("Anabranch lab");
            stage.getIcons().addAll(Icon.image(32), Icon.image(64), Icon.image(128));
            stage.setScene(window.scene());
            stage.setMinWidth(1000);
            stage.setMinHeight(600);
            fit(stage);
            stage.show();
            if (story == null) {
                window.begin();
            } else {
                window.play(Stories.all().get(story - 1));
            }
        });
        LabWindow window = shown.get();
        if (window != null) {
            window.close();
        }
    }

    /** On a small screen fills it, where a window as large as the lab would hang over its edges. */
    private static void fit(Stage stage) {
        Rectangle2D screen = Screen.getPrimary().getVisualBounds();
        if (screen.getWidth() <= LabWindow.WIDTH || screen.getHeight() <= LabWindow.HEIGHT) {
            stage.setMaximized(true);
        }
    }
}
