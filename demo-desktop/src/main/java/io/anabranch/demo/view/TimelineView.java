// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Names;
import io.anabranch.demo.lab.Operations;
import io.anabranch.demo.lab.Timeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javafx.geometry.Point2D;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** The time line: the causal graph, and beside it what the chosen change set did and what was new to its writer. */
final class TimelineView extends HBox {
    private final TimelineGraph graph = new TimelineGraph(this::select);
    private final VBox detail = new VBox(2);
    private final Actions actions;
    private @Nullable Lab lab;
    private @Nullable Dot selected;
    private boolean isDetailed;

    TimelineView(Actions actions) {
        this.actions = actions;
        setId("timeline");
        HBox.setHgrow(graph, Priority.ALWAYS);
        ScrollPane right = new Scroll(detail);
        right.setPrefWidth(400);
        right.setMinWidth(300);
        detail.setId("change-set");
        detail.setStyle("-fx-padding: 4 8 4 8;");
        getChildren().addAll(graph, right);
        select(null);
    }

    void show(Lab shown, Palette colors) {
        if (lab != shown) {
            lab = shown;
            graph.clear();
            select(null);
        }
        graph.show(shown, colors);
    }

    void frame(Names names, long nowNanos) {
        if (isVisible()) {
            graph.frame(names, nowNanos);
        }
    }

    /** Returns where on the screen a change set is drawn; null if it is not. */
    @Nullable
    Point2D place(Dot dot) {
        return graph.place(dot);
    }

    /** Returns whether it is shown what the selected change set did. */
    boolean isDetailed() {
        return isDetailed;
    }

    void select(@Nullable Dot dot) {
        selected = dot;
        isDetailed = false;
        graph.mark(dot);
        Timeline.Event event = graph.find(dot);
        Lab shown = lab;
        if (event == null || shown == null) {
            detail.getChildren()
                    .setAll(line("Click a change set to see what it did, and what its writer had seen.", "muted"));
            return;
        }
        describe(event, shown.names(), List.of());
        actions.ask(() -> Operations.of(shown, event.dot()), operations -> {
            if (event.dot().equals(selected)) {
                describe(event, shown.names(), operations);
                isDetailed = true;
            }
        });
    }

    private void describe(Timeline.Event event, Names names, List<String> operations) {
        List<Label> lines = new ArrayList<>();
        lines.add(line(
                names.of(event.dot().origin()) + "'s change set " + event.dot().seq(), "card-name"));
        lines.add(line(
                event.stamp() == 0
                        ? "Written when the table was enrolled, at no time."
                        : "Written at "
                                + Names.time(Instant.ofEpochMilli(new HybridTime(event.stamp()).millis()))
                                + ", by the writer's clock.",
                "muted"));
        lines.add(line(
                event.context().isEmpty()
                        ? "Nothing of others was new to its writer."
                        : event.context().stream()
                                .map(seen -> names.of(seen.origin()) + " up to " + seen.seq())
                                .collect(Collectors.joining(", ", "New to its writer: ", ".")),
                "muted"));
        operations.forEach(operation -> lines.add(line(operation)));
        detail.getChildren().setAll(lines);
    }

    private static Label line(String text, String... styles) {
        Label label = new Label(text);
        label.setWrapText(true);
        label.getStyleClass().addAll(styles);
        return label;
    }
}
