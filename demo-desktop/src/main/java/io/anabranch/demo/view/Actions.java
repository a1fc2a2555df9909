// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.Folders;
import io.anabranch.demo.lab.ReplicaDown;
import io.anabranch.sync.SyncException;
import java.io.UncheckedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javafx.application.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what people ask for away from JavaFX's thread, one after the other, and says in a sentence what cannot be done.
 * Thread-safe.
 */
final class Actions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Actions.class);

    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread made = new Thread(work, "lab-actions");
        made.setDaemon(true);
        return made;
    });
    private final Consumer<String> problems;

    /** @param problems hears a sentence, on JavaFX's thread; an empty one once something has worked */
    Actions(Consumer<String> problems) {
        this.problems = problems;
    }

    void run(Runnable action) {
        ask(
                () -> {
                    action.run();
                    return true;
                },
                done -> {});
    }

    /** Does {@code question}, and gives what it returned to {@code answer} on JavaFX's thread. */
    <T> void ask(Supplier<T> question, Consumer<T> answer) {
        thread.execute(() -> {
            try {
                T result = question.get();
                Platform.runLater(() -> {
                    problems.accept("");
                    answer.accept(result);
                });
            } catch (RuntimeException e) {
                failed(e);
            }
        });
    }

    /** Does what nobody asked for: a problem that shows goes on showing. */
    void quietly(Runnable work) {
        thread.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                failed(e);
            }
        });
    }

    private void failed(RuntimeException e) {
        LOG.debug("an action failed", e);
        String sentence = inWords(e);
        Platform.runLater(() -> problems.accept(sentence));
    }

    static String inWords(RuntimeException e) {
        if (e instanceof CancellationException) {
            return "Cancelled.";
        }
        boolean isForPeople = e instanceof SyncException
                || e instanceof ReplicaDown
                || e instanceof Board.BadInput
                || e instanceof Folders.FolderException
                || e instanceof UncheckedIOException;
        return isForPeople ? String.valueOf(e.getMessage()) : "That did not work: " + e;
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
