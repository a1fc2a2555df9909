// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Progress;
import java.util.Objects;
import javafx.css.PseudoClass;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ProgressBar;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** What the story that plays says, what went wrong, and whether all hold the same. */
final class Bottom extends VBox {
    private static final PseudoClass YES = PseudoClass.getPseudoClass("yes");

    private final Label caption = new Label();
    private final HBox captionBox;
    private final Label problem = new Label();
    private final HBox problemBox;
    private final Label settled = new Label();
    private final Label busy = new Label();
    private final ProgressBar bar = new ProgressBar();
    private final Button cancel = new Button("Cancel");
    private @Nullable Progress progress;
    /** What went wrong with something that was asked for, and with the relay; empty if nothing did. */
    private String asked = "";

    private String relay = "";
    private @Nullable String relaySaid;

    Bottom(StoryPlayer stories) {
        caption.getStyleClass().add("caption");
        caption.setId("caption");
        caption.setWrapText(true);
        caption.textProperty().bind(stories.caption());
        Button next = new Button("Next");
        next.getStyleClass().addAll("accent", "small");
        next.setId("story-next");
        next.setOnAction(event -> stories.next());
        next.visibleProperty().bind(stories.playing());
        Button stop = new Button("Close");
        stop.getStyleClass().add("small");
        stop.setId("story-stop");
        stop.setOnAction(event -> stories.stop());
        captionBox = box("caption-box", caption, next, stop);
        captionBox.visibleProperty().bind(stories.caption().isNotEmpty());
        captionBox.managedProperty().bind(captionBox.visibleProperty());
        captionBox.setMinHeight(44);

        problem.setWrapText(true);
        problem.setId("problem");
        Button dismiss = new Button("Dismiss");
        dismiss.getStyleClass().add("small");
        dismiss.setId("dismiss");
        dismiss.setOnAction(event -> dismiss());
        problemBox = box("problem-box", problem, dismiss);
        problemBox.managedProperty().bind(problemBox.visibleProperty());
        problem("");

        settled.setId("settled");
        settled.getStyleClass().add("settled");
        bar.setPrefWidth(120);
        bar.setAccessibleText("How far it has come");
        busy.getStyleClass().add("muted");
        busy.setId("busy");
        cancel.getStyleClass().add("small");
        cancel.setId("cancel");
        cancel.setOnAction(event -> {
            if (progress != null) {
                progress.cancel();
            }
        });
        HBox working = new HBox(8, busy, bar, cancel);
        working.setAlignment(Pos.CENTER_RIGHT);
        working.visibleProperty().bind(busy.textProperty().isNotEmpty());
        HBox status = box("strip", settled, working);
        status.setMinHeight(32);
        HBox.setHgrow(settled, Priority.ALWAYS);
        getChildren().addAll(problemBox, captionBox, status);
    }

    private static HBox box(String style, Label text, javafx.scene.Node... more) {
        Region spacer = new Region();
        HBox.setHgrow(spacer, Priority.ALWAYS);
        HBox box = new HBox(8, text, spacer);
        box.getChildren().addAll(more);
        box.getStyleClass().add(style);
        box.setAlignment(Pos.CENTER_LEFT);
        box.setPadding(new Insets(5, 12, 5, 12));
        for (javafx.scene.Node each : more) {
            ((Region) each).setMinWidth(Region.USE_PREF_SIZE);
        }
        return box;
    }

    /** Says what went wrong with something that was asked for; nothing, once something has worked. */
    void problem(String sentence) {
        asked = sentence;
        showProblem();
    }

    private void dismiss() {
        relay = asked.isEmpty() ? "" : relay;
        problem("");
    }

    /** What was asked for comes first. */
    private void showProblem() {
        problem.setText(asked.isEmpty() ? relay : asked);
        problemBox.setVisible(!problem.getText().isEmpty());
    }

    String problem() {
        return problem.getText();
    }

    /** Says what takes long. */
    void busy(String what, Progress shown) {
        progress = shown;
        busy.setText(what);
        frame();
    }

    /** Says that something that took long is over. */
    void over(Progress ended) {
        if (progress == ended) {
            progress = null;
            busy.setText("");
        }
    }

    /** Shows how far it has come. What nobody can tell the end of can no longer be cancelled either. */
    void frame() {
        if (progress != null) {
            bar.setProgress(progress.done());
            cancel.setDisable(progress.done() == Progress.UNKNOWN);
        }
    }

    void show(LabView view) {
        LabView.Settlement settlement = view.settlement();
        settled.pseudoClassStateChanged(YES, settlement.isSettled());
        settled.setText(
                settlement.isSettled()
                        ? "Settled: all " + view.replicas().size() + " digests are " + settlement.digest()
                        : "Not settled: " + settlement.why());
        if (!Objects.equals(view.relayProblem(), relaySaid)) {
            relaySaid = view.relayProblem();
            relay = relaySaid == null ? "" : relaySaid;
            showProblem();
        }
    }
}
