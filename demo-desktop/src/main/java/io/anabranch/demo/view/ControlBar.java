// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.Chaos;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Load;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.story.Stories;
import io.anabranch.demo.story.Story;
import java.util.List;
import java.util.Random;
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

/** What one can do to the lab as a whole: its topology, chaos and healing, the stories, load. */
final class ControlBar {
    private static final int MANY_ITEMS = 5_000;
    private static final int CHANGES_PER_SECOND = 50;

    private final LabWindow window;
    private final Actions actions;
    private final Pills<Topology> topologies;
    private final TextField seed = new TextField(Integer.toString(new Random().nextInt(10_000)));
    private final Button chaosButton = new Button("Chaos");
    private final Button add = new Button("Add replica");
    private final ToggleButton dark = new ToggleButton("Dark");
    private final MenuItem loadItem = new MenuItem("Write 50 changes a second");
    private final Background chaos;
    private final Background load;
    private long chaosSeed;

    ControlBar(LabWindow window, Actions actions) {
        this.window = window;
        this.actions = actions;
        topologies = new Pills<>(topology -> actions.run(() -> window.lab().shape(topology)));
        for (Topology topology : Topology.values()) {
            ToggleButton button = topologies.add(topology, topology.label());
            button.setId("topology-" + topology);
            button.setTooltip(new Tooltip(topology.meaning()));
        }
        chaos = new Background(
                "lab-chaos",
                (lab, stopped) -> Chaos.run(lab, chaosSeed, 1, stopped),
                on -> chaosButton.setText(on ? "Stop chaos" : "Chaos"),
                window::problem);
        load = new Background(
                "lab-load",
                (lab, stopped) -> Load.run(lab, CHANGES_PER_SECOND, stopped),
                on -> loadItem.setText(on ? "Stop writing 50 changes a second" : "Write 50 changes a second"),
                window::problem);
    }

    VBox bar() {
        Label title = new Label("Anabranch lab");
        title.getStyleClass().add("title");
        HBox first = row(Icon.canvas(22), title, spacer(), muted("Stories"));
        for (Story story : Stories.all()) {
            Button play = button(
                    story.number() + "  " + story.title(), story.steps().get(0).caption(), () -> window.play(story));
            play.setId("story-" + story.number());
            first.getChildren().add(play);
        }
        dark.getStyleClass().add("small");
        dark.setId("dark");
        dark.setOnAction(event -> window.dark(dark.isSelected()));
        first.getChildren().addAll(gap(6), more(), dark);
        add.getStyleClass().add("small");
        add.setId("add-replica");
        add.setOnAction(event -> actions.run(() -> window.lab().add()));
        HBox second = row(muted("Topology"), topologies, gap(6), add, spacer());
        second.getChildren().addAll(faults());
        for (HBox row : List.of(first, second)) {
            for (Node node : row.getChildren()) {
                if (node instanceof Control control) {
                    control.setMinWidth(Region.USE_PREF_SIZE);
                }
            }
        }
        return new VBox(first, second);
    }

    private List<Node> faults() {
        seed.setPrefWidth(64);
        seed.setId("seed");
        seed.setAccessibleText("Seed of the chaos");
        seed.getStyleClass().add("small");
        seed.setTooltip(new Tooltip("The seed: the same one gives the same edits and faults at the same moments"));
        chaosButton.getStyleClass().addAll("small", "danger");
        chaosButton.setId("chaos");
        chaosButton.setTooltip(new Tooltip("Ten seconds of random edits and faults"));
        chaosButton.setOnAction(event -> toggleChaos());
        Button heal = button("Heal", "Switch everything on, start what is down, set every dial to nothing", this::heal);
        heal.getStyleClass().add("success");
        heal.setId("heal");
        return List.of(muted("Seed"), seed, chaosButton, heal);
    }

    private static Label muted(String text) {
        Label label = new Label(text);
        label.getStyleClass().add("muted");
        return label;
    }

    private MenuButton more() {
        MenuItem again = new MenuItem("New lab");
        again.setOnAction(event -> window.begin());
        MenuItem many = new MenuItem("Add 5,000 items in one transaction");
        many.setOnAction(event -> addMany());
        many.setId("add-many");
        loadItem.setId("load");
        loadItem.setOnAction(event -> toggle(load));
        MenuButton more = new MenuButton("More", null, again, many, loadItem);
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

    void show(LabView view, Lab lab) {
        topologies.show(lab.topology());
        add.setDisable(view.replicas().size() >= Lab.MOST_REPLICAS);
        dark.setSelected(window.isDark());
    }

    // ---- What goes on

    private void toggleChaos() {
        try {
            chaosSeed = Long.parseLong(seed.getText().trim());
            toggle(chaos);
        } catch (NumberFormatException e) {
            window.problem("A seed is a whole number; \"" + seed.getText() + "\" is none.");
        }
    }

    private void toggle(Background work) {
        if (work.isRunning()) {
            work.stop();
            return;
        }
        try {
            work.start(window.lab());
        } catch (Board.BadInput e) {
            window.problem(Actions.inWords(e));
        }
    }

    /** Nothing that chaos has begun is left to come after it. */
    private void heal() {
        chaos.stop();
        actions.run(() -> {
            chaos.awaitEnd();
            window.lab().heal();
        });
    }

    /** Stops whatever goes on. */
    void stop() {
        chaos.stop();
        load.stop();
    }
}
