// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.anabranch.demo.Display;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.scene.text.Text;
import org.jspecify.annotations.Nullable;
import org.testfx.util.WaitForAsyncUtils;

/** JavaFX without a display, started once for all tests. */
public final class Fx {
    private static @Nullable Boolean works;
    private static @Nullable Throwable why;

    private Fx() {}

    /** Starts JavaFX; where it cannot be, which is where there are no fonts, tests that need it are skipped. */
    public static synchronized void start() {
        if (works == null) {
            Display.useNone();
            System.setProperty("testfx.robot", "glass");
            WaitForAsyncUtils.autoCheckException = false; // Threads of a process that was killed end as it did.
            try {
                CompletableFuture<Double> started = new CompletableFuture<>();
                Platform.setImplicitExit(false);
                Platform.startup(() -> {
                    try {
                        started.complete(
                                new Text("Is there a font?").getLayoutBounds().getWidth());
                    } catch (RuntimeException | LinkageError e) {
                        started.completeExceptionally(e);
                    }
                });
                works = started.get(60, TimeUnit.SECONDS) > 0;
            } catch (ExecutionException | TimeoutException | LinkageError | RuntimeException e) {
                works = false;
                why = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                works = false;
            }
        }
        if (!works) {
            String message = "JavaFX cannot draw here (" + why + "); on Debian it needs libpangoft2-1.0-0 and a font";
            if ("1".equals(System.getenv("ANABRANCH_NO_SKIP"))) {
                fail(message, why);
            }
            abort(message);
        }
    }

    /** Does something on JavaFX's thread, and waits for it. */
    public static <T> T on(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Platform.runLater(() -> {
            try {
                result.complete(work.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** As {@link #on}, for what returns nothing. */
    public static void run(Runnable work) {
        on(() -> {
            work.run();
            return true;
        });
    }
}
