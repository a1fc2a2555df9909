// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javafx.application.Platform;
import javafx.collections.ListChangeListener;
import javafx.stage.Window;
import org.jspecify.annotations.Nullable;

/** Starts JavaFX without an Application class, which on the class path it would refuse. */
final class Toolkit {
    private Toolkit() {}

    /**
     * Starts JavaFX with {@code first}, and returns once its last window is closed.
     *
     * @throws IllegalStateException if there is no display that it can use; the message says what to do
     */
    static void untilClosed(Runnable first) throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        try {
            Platform.setImplicitExit(false);
            Platform.startup(() -> {
                Window.getWindows().addListener((ListChangeListener<Window>) change -> {
                    if (Window.getWindows().isEmpty()) {
                        closed.countDown();
                    }
                });
                try {
                    first.run();
                } catch (RuntimeException e) {
                    failure.set(e);
                    closed.countDown();
                }
            });
        } catch (RuntimeException | LinkageError e) {
            throw new IllegalStateException(Display.cannotStart(e), e);
        }
        closed.await();
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }
}
