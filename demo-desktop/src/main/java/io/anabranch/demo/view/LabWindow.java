// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.BoardFeed;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabReplica;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.LabWatch;
import io.anabranch.demo.lab.Message;
import io.anabranch.demo.lab.Progress;
import io.anabranch.demo.story.Story;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import javafx.animation.AnimationTimer;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/**
 * The lab's window: shows one lab at a time. What the lab's threads tell is put aside, and shown once a frame, however much
 * of it there is. Confined to JavaFX's thread.
 */
public final class LabWindow implements AutoCloseable {
    public static final double WIDTH = 1280;
    public static final double HEIGHT = 720;

    private static final String NO_LAB = "No lab is open yet. A new one is under More; or play a story.";

    private final Function<Progress, Lab> fresh;
    private final BorderPane root = new BorderPane();
    private final Scene scene = new Scene(root, WIDTH, HEIGHT);
    private final Actions actions = new Actions(this::problem);
    private final ControlBar controls;
    private final Bottom bottom;
    private final StoryPlayer stories;
    private final NetworkView network;
    private final LinkPanel links;
    private final TimelineView timeline;
    private final Pills<Boolean> tabs = new Pills<>(this::showTimeline);
    private final Label hint = new Label();
    private final HBox networkPane;
    private final VBox top;
    private final Cards cards = new Cards(actions, this::palette);
    private final AnimationTimer frames;

    /** What other threads tell, until the next frame. */
    private final AtomicReference<@Nullable Told> told = new AtomicReference<>();

    private final Queue<Runnable> updates = new ConcurrentLinkedQueue<>();
    private final Queue<Message> messages = new ConcurrentLinkedQueue<>();

    private Palette palette = new Palette(false);
    private LabView view = LabView.EMPTY;
    private boolean isStale;
    private boolean closed;
    /** How far the lab has come that is being opened; null if none is. */
    private @Nullable Progress opening;

    private volatile @Nullable Lab lab;
    private @Nullable LabWatch watch;

    /** @param fresh opens the lab that is shown when no story plays; away from JavaFX's thread */
    public LabWindow(Function<Progress, Lab> fresh) {
        this.fresh = fresh;
        controls = new ControlBar(this, actions);
        stories = new StoryPlayer(this);
        bottom = new Bottom(stories);
        network = new NetworkView(
                pair -> actions.run(() -> NetworkView.toggle(lab(), pair)),
                (one, other) -> actions.run(() -> lab().link(one, other)));
        links = new LinkPanel(actions, this::lab);
        timeline = new TimelineView(actions);
        networkPane = new HBox(network, links);
        HBox.setHgrow(network, Priority.ALWAYS);
        links.setPrefWidth(440);
        links.setMinWidth(440);
        top = new VBox(2, viewTabs(), new StackPane(networkPane, timeline));
        frames = new AnimationTimer() {
            @Override
            public void handle(long now) {
                frame();
            }
        };
        build();
    }

    private void build() {
        top.getStyleClass().add("panel");
        top.setPadding(new Insets(4, 8, 4, 8));
        VBox.setVgrow(top.getChildren().get(1), Priority.ALWAYS);
        top.setPrefHeight(190);
        top.setMinHeight(190);
        ScrollPane scroll = new Scroll(cards);
        scroll.setFitToHeight(true);
        VBox.setVgrow(scroll, Priority.ALWAYS);
        VBox middle = new VBox(8, top, scroll);
        middle.setPadding(new Insets(8));
        root.getStyleClass().add("lab");
        root.setTop(controls.bar());
        root.setCenter(middle);
        root.setBottom(bottom);
        scene.getStylesheets()
                .add(Objects.requireNonNull(LabWindow.class.getResource("lab.css"))
                        .toExternalForm());
        dark(false);
        showTimeline(false);
        cards.clear(NO_LAB);
        frames.start();
        Platform.runLater(root::requestFocus); // Rather than on the first button.
    }

    private HBox viewTabs() {
        tabs.add(false, "Network").setId("show-network");
        tabs.add(true, "Time line").setId("show-timeline");
        hint.getStyleClass().add("muted");
        HBox row = new HBox(12, tabs, hint);
        row.setAlignment(Pos.CENTER_LEFT);
        return row;
    }

    public Scene scene() {
        return scene;
    }

    /** Shows the network, or the time line in its place. */
    public void showTimeline(boolean on) {
        tabs.show(on);
        hint.setText(
                on
                        ? "Causes to the left of effects. A line leads from what a writer had just seen to what it wrote then."
                        : "Click a link to cut it, or use its switch. Drag from one to another to link them.");
        networkPane.setVisible(!on);
        network.setVisible(!on);
        timeline.setVisible(on);
    }

    /** Shows all in dark colours, or in light ones. */
    public void dark(boolean on) {
        palette = new Palette(on);
        root.setStyle(palette.css());
        Application.setUserAgentStylesheet(
                on
                        ? new atlantafx.base.theme.PrimerDark().getUserAgentStylesheet()
                        : new atlantafx.base.theme.PrimerLight().getUserAgentStylesheet());
        isStale = true;
    }

    boolean isDark() {
        return palette.isDark();
    }

    Palette palette() {
        return palette;
    }

    /** Says in a sentence what went wrong; everything else goes on. */
    void problem(String sentence) {
        bottom.problem(sentence);
    }

    /** Does something that takes long, away from JavaFX's thread: it is shown how far it has come, and it can be cancelled. */
    <T> void lengthy(String what, Function<Progress, T> work, Consumer<T> answer) {
        Progress progress = new Progress();
        bottom.busy(what, progress);
        actions.ask(
                () -> {
                    try {
                        return work.apply(progress);
                    } finally {
                        Platform.runLater(() -> bottom.over(progress));
                    }
                },
                answer);
    }

    /** Returns the sentence that says what went wrong; empty if nothing did, or it was taken note of. */
    public String problem() {
        return bottom.problem();
    }

    public StoryPlayer stories() {
        return stories;
    }

    // ---- The lab

    /** Returns the lab that is shown. May be called from any thread. */
    public Lab lab() {
        Lab shown = lab;
        if (shown == null) {
            throw new Board.BadInput("No lab is open. Choose \"New lab\" under More first.");
        }
        return shown;
    }

    /**
     * Opens a lab as it is when no story plays, and shows it. The one that was shown is closed first: it may have the files. While
     * one is being opened this does nothing.
     */
    public void begin() {
        if (opening != null) {
            return;
        }
        stories.stop();
        controls.stop();
        leave();
        cards.clear(NO_LAB);
        Progress progress = new Progress();
        opening = progress;
        bottom.busy("Opening the lab …", progress);
        actions.ask(() -> open(progress), opened -> {
            if (opening == progress) {
                opening = null;
                show(opened);
            } else {
                actions.quietly(opened::close); // A story plays by now.
            }
        });
    }

    private Lab open(Progress progress) {
        try {
            return fresh.apply(progress);
        } catch (RuntimeException e) {
            Platform.runLater(() -> {
                if (opening == progress) {
                    opening = null;
                }
            });
            throw e;
        } finally {
            Platform.runLater(() -> bottom.over(progress));
        }
    }

    /** Shows another lab. The one that was shown is closed. */
    public void show(Lab next) {
        if (closed) {
            next.close(); // It was being opened when the window was closed.
            return;
        }
        leave();
        lab = next;
        next.onMessage(messages::add);
        LabWatch started = new LabWatch(
                next,
                seen -> told.set(new Told(next, seen)),
                (replica, update) -> updates.add(() -> apply(next, replica, update)));
        watch = started;
        started.start();
    }

    /** Closes the lab that is shown, away from JavaFX's thread. */
    private void leave() {
        Lab before = lab;
        LabWatch watchBefore = watch;
        lab = null;
        watch = null;
        view = LabView.EMPTY; // What was told of the other lab says nothing of this one.
        isStale = false;
        updates.clear();
        messages.clear();
        cards.clear("");
        actions.quietly(() -> {
            if (watchBefore != null) {
                watchBefore.close();
            }
            if (before != null) {
                before.close();
            }
        });
    }

    private void apply(Lab of, LabReplica replica, BoardFeed.Update update) {
        if (of == lab) {
            cards.apply(replica, update);
        }
    }

    // ---- Frames

    private void frame() {
        long now = System.nanoTime();
        bottom.frame();
        Lab shown = lab;
        if (shown == null) {
            return;
        }
        Told next = told.getAndSet(null);
        if (next != null && next.of == shown) {
            view = next.view;
            isStale = true;
        }
        if (isStale) {
            isStale = false;
            show(shown, view);
        }
        for (Runnable update = updates.poll(); update != null; update = updates.poll()) {
            update.run();
        }
        for (Message message = messages.poll(); message != null; message = messages.poll()) {
            network.sent(message);
        }
        network.frame(now, shown.names());
        timeline.frame(shown.names(), now);
        cards.frame(now);
    }

    private void show(Lab shown, LabView next) {
        cards.show(shown, next);
        network.show(next, shown, palette);
        links.show(next);
        timeline.show(shown, palette);
        bottom.show(next);
        controls.show(next, shown);
    }

    /** Selects a change set in the time line. */
    public void select(Dot changeSet) {
        timeline.select(changeSet);
    }

    /** Returns whether the time line says what the selected change set did. */
    public boolean isChangeSetShown() {
        return timeline.isDetailed();
    }

    /** Returns what was last shown. */
    public LabView view() {
        return view;
    }

    /** Shows a replica's inbox, or its board. */
    public void showInbox(String replica, boolean on) {
        cards.showInbox(replica, on);
    }

    /** Returns the rows that a replica's board shows, as text; for tests. */
    public List<String> rows(String replica) {
        return cards.rows(replica);
    }

    /** Returns whether nothing moves: no message on its way, no cell lit up. */
    public boolean isStill() {
        return network.isQuiet() && cards.isStill();
    }

    /** Ends what plays, and closes the lab. Blocks. */
    @Override
    public void close() {
        closed = true;
        frames.stop();
        stories.stop();
        controls.stop();
        actions.close();
        if (watch != null) {
            watch.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    /** Plays a story in a lab of its own. */
    public void play(Story story) {
        controls.stop();
        if (opening != null) {
            opening.cancel();
            opening = null;
        }
        showTimeline(false);
        stories.play(story);
    }

    private record Told(Lab of, LabView view) {}
}
