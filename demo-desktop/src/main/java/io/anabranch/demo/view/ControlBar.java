// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.Chaos;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabReplica;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.ReplicaDown;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.story.Stories;
import io.anabranch.demo.story.Story;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javafx.application.Platform;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Control;
import javafx.scene.control.Label;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** What one can do to the lab as a whole: its topology, chaos and healing, the stories, load. */
final class ControlBar {
    private static final int MANY_ITEMS = 5_000;
    private static final int CHANGES_PER_SECOND = 50;

    private final LabWindow window;
    private final Actions actions;
    private final Pills<Topology> topologies;
    private final TextField seed = new TextField(Integer.toString(new Random().nextInt(10_000)));
    private final Button chaos = new Button("Chaos");
    private final Button add = new Button("Add replica");
    private final ToggleButton dark = new ToggleButton("Dark");
    private final MenuItem stream = new MenuItem();
    private @Nullable AtomicBoolean chaosEnds;
    private @Nullable AtomicBoolean streamEnds;

    ControlBar(LabWindow window, Actions actions) {
        this.window = window;
        this.actions = actions;
        topologies = new Pills<>(topology -> actions.run(() -> window.lab().shape(topology)));
        for (Topology topology : Topology.values()) {
            ToggleButton button = topologies.add(topology, topology.label());
            button.setId("topology-" + topology);
            button.setTooltip(new Tooltip(topology.meaning()));
        }
    }

    VBox bar(StoryPlayer stories) {
        Label title = new Label("Anabranch lab");
        title.getStyleClass().add("title");
        seed.setPrefWidth(64);
        seed.setId("seed");
        seed.setAccessibleText("Seed of the chaos");
        seed.getStyleClass().add("small");
        seed.setTooltip(new Tooltip("The seed: the same one gives the same edits and faults at the same moments"));
        chaos.getStyleClass().addAll("small", "danger");
        chaos.setId("chaos");
        chaos.setTooltip(new Tooltip("Ten seconds of random edits and faults"));
        chaos.setOnAction(event -> toggleChaos());
        Button heal = button("Heal", "Switch everything on, start what is down, set every dial to nothing", () -> {
            endChaos();
            actions.run(() -> window.lab().heal());
        });
        heal.getStyleClass().add("success");
        heal.setId("heal");
        add.getStyleClass().add("small");
        add.setId("add-replica");
        add.setOnAction(event -> actions.run(() -> window.lab().add()));
        Label seedLabel = new Label("seed");
        seedLabel.getStyleClass().add("muted");
        dark.getStyleClass().add("small");
        dark.setId("dark");
        dark.setOnAction(event -> window.dark(dark.isSelected()));
        Label topology = new Label("Topology");
        topology.getStyleClass().add("muted");
        Label tour = new Label("Stories");
        tour.getStyleClass().add("muted");
        HBox first = row(Icon.canvas(22), title, spacer(), tour);
        for (Story story : Stories.all()) {
            Button play = button(
                    story.number() + "  " + story.title(), story.steps().get(0).caption(), () -> window.play(story));
            play.setId("story-" + story.number());
            first.getChildren().add(play);
        }
        first.getChildren().addAll(gap(6), more(), dark);
        HBox second = row(topology, topologies, gap(6), add, spacer(), seedLabel, seed, chaos, heal);
        for (HBox row : List.of(first, second)) {
            for (Node node : row.getChildren()) {
                if (node instanceof Control control) {
                    control.setMinWidth(Region.USE_PREF_SIZE);
                }
            }
        }
        return new VBox(first, second);
    }

    private MenuButton more() {
        MenuItem again = new MenuItem("New lab");
        again.setOnAction(event -> window.begin());
        MenuItem many = new MenuItem("Add 5,000 items in one transaction");
        many.setOnAction(event -> addMany());
        many.setId("add-many");
        stream.setId("stream");
        stream.setText("Write 50 changes a second");
        stream.setOnAction(event -> toggleStream());
        MenuButton more = new MenuButton("More", null, again, many, stream);
        more.getStyleClass().add("small");
        more.setId("more");
        return more;
    }

    private void addMany() {
        window.lengthy(
                "Writing 5,000 items …",
                progress -> {
                    Lab lab = window.lab();
                    if (lab.replicas().isEmpty()) {
                        throw new Board.BadInput("There is no replica to write them; add one first.");
                    }
                    lab.board(0).addMany(MANY_ITEMS, progress);
                    return true;
                },
                done -> {});
    }

    private static Button button(String text, String tip, Runnable action) {
        Button button = new Button(text);
        button.getStyleClass().add("small");
        button.setTooltip(new Tooltip(tip));
        button.setOnAction(event -> action.run());
        return button;
    }

    private static HBox row(Node... nodes) {
        HBox row = new HBox(8, nodes);
        row.setAlignment(Pos.CENTER_LEFT);
        row.setPadding(new Insets(5, 12, 5, 12));
        row.getStyleClass().add("strip");
        return row;
    }

    private static Region gap(double width) {
        Region gap = new Region();
        gap.setMinWidth(width);
        return gap;
    }

    static Region spacer() {
        Region spacer = new Region();
        HBox.setHgrow(spacer, Priority.ALWAYS);
        return spacer;
    }

    void shown(Lab lab) {
        topologies.show(lab.topology());
    }

    void show(LabView view, Lab lab) {
        shown(lab);
        add.setDisable(view.replicas().size() >= Lab.MOST_REPLICAS);
        dark.setSelected(window.isDark());
    }

    // ---- Chaos

    private void toggleChaos() {
        if (chaosEnds != null) {
            endChaos();
            return;
        }
        long number;
        try {
            number = Long.parseLong(seed.getText().trim());
        } catch (NumberFormatException e) {
            window.problem("A seed is a whole number; \"" + seed.getText() + "\" is none.");
            return;
        }
        actions.ask(window::lab, lab -> runChaos(lab, number));
    }

    private void runChaos(Lab lab, long number) {
        endChaos();
        AtomicBoolean ends = new AtomicBoolean();
        chaosEnds = ends;
        chaos.setText("Stop chaos");
        inBackground("lab-chaos", () -> {
            Chaos.run(lab, number, 1, ends::get);
            Platform.runLater(() -> {
                if (chaosEnds == ends) {
                    endChaos();
                }
            });
        });
    }

    private void endChaos() {
        if (chaosEnds != null) {
            chaosEnds.set(true);
            chaosEnds = null;
            chaos.setText("Chaos");
        }
    }

    // ---- Load

    private void toggleStream() {
        if (streamEnds != null) {
            endStream();
            return;
        }
        actions.ask(window::lab, this::runStream);
    }

    private void runStream(Lab lab) {
        endStream();
        AtomicBoolean ends = new AtomicBoolean();
        streamEnds = ends;
        stream.setText("Stop writing 50 changes a second");
        inBackground("lab-load", () -> {
            Random random = new Random();
            long due = System.nanoTime();
            while (!ends.get()) {
                write(lab, random);
                due = Math.max(due + 1_000_000_000 / CHANGES_PER_SECOND, System.nanoTime() - 1_000_000_000);
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            }
        });
    }

    private static void write(Lab lab, Random random) {
        List<LabReplica> replicas = lab.replicas();
        if (replicas.isEmpty()) {
            return;
        }
        try {
            Board board = lab.board(replicas.get(random.nextInt(replicas.size())));
            String id = board.anyId(random);
            if (id != null) {
                board.addStock(id, random.nextBoolean() ? 1 : -1);
            }
        } catch (ReplicaDown e) {
            return; // Nobody is there to write.
        }
    }

    private void endStream() {
        if (streamEnds != null) {
            streamEnds.set(true);
            streamEnds = null;
            stream.setText("Write 50 changes a second");
        }
    }

    void stop() {
        endChaos();
        endStream();
    }

    /** Something that may be interrupted. */
    private interface Work {
        void run() throws InterruptedException;
    }

    private void inBackground(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (RuntimeException e) {
                        Platform.runLater(() -> window.problem("It ended early: " + e.getMessage()));
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }
}
