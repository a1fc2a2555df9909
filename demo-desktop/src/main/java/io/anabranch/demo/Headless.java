// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import java.awt.Color;
import java.awt.Graphics;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.image.PixelFormat;
import javafx.scene.image.WritableImage;
import javax.imageio.ImageIO;

/** JavaFX that draws into memory, as those see it who stand outside. Blocks; not for JavaFX's thread. */
final class Headless {
    private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();
    private static final int GAP = 20;

    private Headless() {}

    static void start() {
        Platform.setImplicitExit(false);
        CompletableFuture<Boolean> started = new CompletableFuture<>();
        Platform.startup(() -> started.complete(true));
        started.join();
    }

    /** Does something on JavaFX's thread. What it draws letters with is loaded with the first of them. */
    static <T> T on(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Platform.runLater(() -> {
            try {
                result.complete(work.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LinkageError) {
                throw new IllegalStateException(
                        "JavaFX cannot draw letters here (" + e.getCause().getMessage()
                                + "); on Debian install libpangoft2-1.0-0 and fonts-dejavu-core",
                        e);
            }
            throw e;
        }
    }

    /** As {@link #on}, for what returns nothing. */
    static void run(Runnable work) {
        on(() -> {
            work.run();
            return true;
        });
    }

    /** Waits until something is so, asking on JavaFX's thread; fails with {@code otherwise} if it is not in two minutes. */
    static void await(String otherwise, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (!on(condition::getAsBoolean)) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("cannot make the pictures: " + otherwise + " in two minutes");
            }
            Thread.sleep(30);
        }
    }

    /** Writes what these scenes show, side by side. */
    static void write(Path file, List<Scene> scenes) throws IOException {
        on(() -> true); // Another frame, for what was just shown.
        List<WritableImage> images =
                on(() -> scenes.stream().map(scene -> scene.snapshot(null)).toList());
        int width = GAP * (images.size() - 1);
        int height = 0;
        for (WritableImage image : images) {
            width += (int) image.getWidth();
            height = Math.max(height, (int) image.getHeight());
        }
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics between = picture.getGraphics();
        between.setColor(Color.LIGHT_GRAY);
        between.fillRect(0, 0, width, height);
        int left = 0;
        for (WritableImage image : images) {
            int wide = (int) image.getWidth();
            int high = (int) image.getHeight();
            int[] pixels = new int[wide * high];
            image.getPixelReader().getPixels(0, 0, wide, high, PixelFormat.getIntArgbInstance(), pixels, 0, wide);
            picture.setRGB(left, 0, wide, high, pixels, 0, wide);
            left += wide + GAP;
        }
        ImageIO.write(picture, "png", file.toFile());
        System.out.println(file);
    }
}
