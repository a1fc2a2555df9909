// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.story.Story;
import io.anabranch.demo.story.StoryRun;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javafx.application.Platform;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;
import org.jspecify.annotations.Nullable;

/**
 * Plays one story at a time in the window, on a thread of its own, with a pause after each step that a click ends. Confined to
 * JavaFX's thread.
 */
public final class StoryPlayer {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final LabWindow window;
    private final StringProperty caption = new SimpleStringProperty("");
    private final BooleanProperty playing = new SimpleBooleanProperty();
    private Duration pause = Duration.ofMillis(4_500);
    private @Nullable Play play;

    StoryPlayer(LabWindow window) {
        this.window = window;
    }

    /** Returns what the step that plays is about; empty while none does. It stays after the last. */
    public StringProperty caption() {
        return caption;
    }

    /** Returns whether there are steps to come. */
    public BooleanProperty playing() {
        return playing;
    }

    /** Sets how long each step is left to be read. */
    public void pause(Duration each) {
        pause = each;
    }

    void play(Story story) {
        stop();
        Play next = new Play(story, pause);
        play = next;
        caption.set(story.title() + ": making new files …");
        playing.set(true);
        Thread thread = new Thread(next, "lab-story");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends the pause after a step. */
    public void next() {
        if (play != null) {
            play.next.release();
        }
    }

    /** Ends the story where it is. The lab stays. */
    public void stop() {
        if (play != null) {
            play.cancelled.set(true);
            play.next.release();
            play = null;
        }
        playing.set(false);
        caption.set("");
    }

    private final class Play implements Runnable {
        private final Story story;
        private final Duration pause;
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private final Semaphore next = new Semaphore(0);

        Play(Story story, Duration pause) {
            this.story = story;
            this.pause = pause;
        }

        @Override
        public void run() {
            try {
                Lab lab = StoryRun.begin(story);
                if (!isShown(lab)) {
                    lab.close();
                    return;
                }
                StoryRun run = new StoryRun(story, lab);
                for (int number = 1; run.hasNext() && !cancelled.get(); number++) {
                    String text = story.title() + "  " + number + "/"
                            + story.steps().size() + "   " + run.peek().caption();
                    boolean inbox = run.peek().inbox();
                    tell(() -> {
                        caption.set(text);
                        lab.replicas().forEach(replica -> window.showInbox(replica.name(), inbox));
                    });
                    if (!run.play(PATIENCE, cancelled::get) && !cancelled.get()) {
                        tell(() -> window.problem("The story waits for something that does not come; try it again."));
                    }
                    if (run.hasNext()) {
                        boolean clicked = next.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                        next.drainPermits();
                        if (clicked && cancelled.get()) {
                            return;
                        }
                    }
                }
                tell(() -> playing.set(false));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                tell(() -> {
                    window.problem("The story ended early: " + e.getMessage());
                    playing.set(false);
                });
            }
        }

        /** Lets the window show a lab, unless another story plays by then; returns whether it does. */
        private boolean isShown(Lab lab) {
            CompletableFuture<Boolean> shown = new CompletableFuture<>();
            Platform.runLater(() -> {
                boolean isWanted = !cancelled.get();
                if (isWanted) {
                    window.show(lab);
                }
                shown.complete(isWanted);
            });
            return shown.join();
        }

        /** Says something on JavaFX's thread, unless another story plays by then. */
        private void tell(Runnable what) {
            Platform.runLater(() -> {
                if (!cancelled.get()) {
                    what.run();
                }
            });
        }
    }
}
