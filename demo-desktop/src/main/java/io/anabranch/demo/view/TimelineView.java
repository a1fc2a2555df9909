// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Names;
import io.anabranch.demo.lab.Operations;
import io.anabranch.demo.lab.Timeline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javafx.geometry.Orientation;
import javafx.geometry.Point2D;
import javafx.geometry.VPos;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollBar;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;
import org.jspecify.annotations.Nullable;

/**
 * The change sets as a causal graph: a lane for each origin, causes to the left of effects, a line from what a writer had just
 * seen to what it wrote then. Only what is on the screen is drawn.
 */
final class TimelineView extends HBox {
    private static final double STEP = 34;
    private static final double MARGIN = 78;
    private static final double DOT = 6.5;
    private static final double FOCUS_BORDER = 2;

    private final Canvas canvas = new Canvas();
    private final ScrollBar scroll = new ScrollBar();
    private final VBox detail = new VBox(2);
    private final Actions actions;
    private final List<Timeline.Event> events = new ArrayList<>();
    private final Map<Origin, Integer> lanes = new LinkedHashMap<>();
    private final Map<Dot, Timeline.Event> byDot = new HashMap<>();
    private @Nullable Lab lab;
    private Palette palette = new Palette(false);
    private @Nullable Dot selected;
    private int columns = 1;
    private boolean isStale;
    private boolean isFollowing = true;

    TimelineView(Actions actions) {
        this.actions = actions;
        setId("timeline");
        Pane drawing = new Pane(canvas);
        drawing.getStyleClass().add("drawing");
        canvas.setAccessibleText("The time line. Left and right go from one change set to the next.");
        canvas.relocate(FOCUS_BORDER, FOCUS_BORDER);
        canvas.widthProperty().bind(drawing.widthProperty().subtract(2 * FOCUS_BORDER));
        canvas.heightProperty().bind(drawing.heightProperty().subtract(2 * FOCUS_BORDER));
        canvas.widthProperty().addListener(any -> isStale = true);
        canvas.heightProperty().addListener(any -> isStale = true);
        canvas.setOnMouseClicked(event -> {
            canvas.requestFocus();
            select(at(event.getX(), event.getY()));
        });
        canvas.setFocusTraversable(true);
        canvas.setOnKeyPressed(event -> {
            if (event.getCode() == KeyCode.LEFT || event.getCode() == KeyCode.RIGHT) {
                step(event.getCode() == KeyCode.RIGHT ? 1 : -1);
                event.consume();
            }
        });
        scroll.setOrientation(Orientation.HORIZONTAL);
        scroll.valueProperty().addListener((any, was, now) -> {
            isStale = true;
            isFollowing = now.doubleValue() >= scroll.getMax() - 1;
        });
        BorderPane left = new BorderPane(drawing);
        left.setBottom(scroll);
        drawing.setMinWidth(0);
        HBox.setHgrow(left, Priority.ALWAYS);
        ScrollPane right = new ScrollPane(detail);
        right.setFitToWidth(true);
        right.setPrefWidth(400);
        right.setMinWidth(300);
        right.getStyleClass().add("edge-to-edge");
        detail.setId("change-set");
        detail.setStyle("-fx-padding: 4 8 4 8;");
        getChildren().addAll(left, right);
        select(null);
    }

    void show(Lab shown, LabView view, Palette colors) {
        boolean isOther = lab != shown;
        lab = shown;
        palette = colors;
        if (isOther) {
            events.clear();
            columns = 1;
            lanes.clear();
            byDot.clear();
            isFollowing = true;
            select(null);
        }
        for (Timeline.Event event : shown.timeline().eventsFrom(events.size())) {
            events.add(event);
            byDot.put(event.dot(), event);
            columns = Math.max(columns, event.column() + 1);
            lanes.putIfAbsent(event.dot().origin(), lanes.size());
        }
        lay(shown.names());
        isStale = true;
    }

    /** Gives each origin its lane: replicas in their order, what they share above them. */
    private void lay(Names names) {
        List<Origin> ordered = new ArrayList<>(lanes.keySet());
        ordered.sort(Comparator.comparingInt(names::number).thenComparing(Comparator.naturalOrder()));
        lanes.clear();
        ordered.forEach(origin -> lanes.put(origin, lanes.size()));
    }

    void frame(Names names) {
        if (isStale && isVisible()) {
            isStale = false;
            double hidden = Math.max(0, MARGIN + columns * STEP + 10 - canvas.getWidth());
            scroll.setVisible(hidden > 0);
            scroll.setManaged(hidden > 0);
            scroll.setMax(hidden);
            scroll.setVisibleAmount(hidden * canvas.getWidth() / (canvas.getWidth() + hidden + 1));
            if (isFollowing) {
                scroll.setValue(hidden);
            }
            draw(names);
            isStale = false;
        }
    }

    // ---- Where things are

    private double x(Timeline.Event event) {
        return MARGIN + event.column() * STEP + 10 - scroll.getValue();
    }

    private double y(Origin origin) {
        double lane = canvas.getHeight() / Math.max(1, lanes.size());
        return lane * (lanes.getOrDefault(origin, 0) + 0.5);
    }

    /** Returns where on the screen a change set is drawn; null if it is not. */
    @Nullable
    Point2D place(Dot dot) {
        Timeline.Event event = byDot.get(dot);
        return event == null ? null : canvas.localToScreen(x(event), y(dot.origin()));
    }

    private @Nullable Dot at(double x, double y) {
        for (Timeline.Event event : events) {
            if (Math.hypot(x(event) - x, y(event.dot().origin()) - y) <= DOT + 4) {
                return event.dot();
            }
        }
        return null;
    }

    // ---- Drawing

    private void draw(Names names) {
        GraphicsContext g = canvas.getGraphicsContext2D();
        double width = canvas.getWidth();
        g.clearRect(0, 0, width, canvas.getHeight());
        g.setTextBaseline(VPos.CENTER);
        g.setFont(Font.font(11));
        for (Origin origin : lanes.keySet()) {
            g.setStroke(palette.faint());
            g.setLineWidth(1);
            g.strokeLine(MARGIN, y(origin), width, y(origin));
        }
        for (Timeline.Event event : events) {
            if (x(event) > MARGIN - STEP && x(event) < width + 10 * STEP) {
                event.parents().forEach(parent -> drawCause(g, parent, event, names));
            }
        }
        for (Timeline.Event event : events) {
            double x = x(event);
            if (x > MARGIN - DOT && x < width + DOT) {
                drawEvent(g, event, x, names);
            }
        }
        g.setFill(palette.paper());
        g.fillRect(0, 0, MARGIN - 8, canvas.getHeight());
        g.setTextAlign(TextAlignment.LEFT);
        for (Origin origin : lanes.keySet()) {
            g.setFill(palette.of(names.number(origin)));
            g.fillText(names.of(origin), 6, y(origin));
        }
        if (events.isEmpty()) {
            g.setFill(palette.muted());
            g.fillText("Nothing has been written yet.", MARGIN, canvas.getHeight() / 2);
        }
    }

    private void drawCause(GraphicsContext g, Dot parent, Timeline.Event event, Names names) {
        Timeline.Event cause = byDot.get(parent);
        if (cause == null) {
            return;
        }
        boolean isOfSelected = event.dot().equals(selected);
        boolean isOwn = parent.origin().equals(event.dot().origin());
        Color color = palette.of(names.number(parent.origin()));
        g.setStroke(color.deriveColor(0, 1, 1, isOfSelected ? 1 : isOwn ? 0.8 : 0.4));
        g.setLineWidth(isOfSelected ? 2.4 : isOwn ? 2 : 1.2);
        double fromX = x(cause);
        double toX = x(event);
        double fromY = y(parent.origin());
        double toY = y(event.dot().origin());
        g.beginPath();
        g.moveTo(fromX, fromY);
        g.bezierCurveTo(fromX + (toX - fromX) * 0.5, fromY, toX - (toX - fromX) * 0.5, toY, toX, toY);
        g.stroke();
    }

    private void drawEvent(GraphicsContext g, Timeline.Event event, double x, Names names) {
        double y = y(event.dot().origin());
        boolean isSelected = event.dot().equals(selected);
        double size = isSelected ? DOT + 3 : DOT;
        g.setFill(palette.of(names.number(event.dot().origin())));
        g.fillOval(x - size, y - size, 2 * size, 2 * size);
        if (isSelected) {
            g.setStroke(palette.text());
            g.setLineWidth(2);
            g.strokeOval(x - size, y - size, 2 * size, 2 * size);
        }
        g.setFill(palette.muted());
        g.setFont(Font.font(9));
        g.setTextAlign(TextAlignment.CENTER);
        g.fillText(Long.toString(event.dot().seq()), x, y - size - 5);
        g.setFont(Font.font(11));
    }

    // ---- One of them

    private void step(int by) {
        if (events.isEmpty()) {
            return;
        }
        int at = -1;
        for (int i = 0; i < events.size(); i++) {
            at = events.get(i).dot().equals(selected) ? i : at;
        }
        int next = at < 0 ? events.size() - 1 : Math.max(0, Math.min(events.size() - 1, at + by));
        select(events.get(next).dot());
    }

    /** Returns whether it is shown what the selected change set did. */
    boolean isDetailed() {
        return detail.getChildren().size() > 3;
    }

    void select(@Nullable Dot dot) {
        selected = dot;
        isStale = true;
        Timeline.Event event = dot == null ? null : byDot.get(dot);
        Lab shown = lab;
        if (event == null || shown == null) {
            detail.getChildren()
                    .setAll(line("Click a change set to see what it did, and what its writer had seen.", true));
            return;
        }
        Names names = shown.names();
        List<String> head = new ArrayList<>();
        head.add(names.of(event.dot().origin()) + "'s change set " + event.dot().seq());
        head.add("Written at "
                + (event.stamp() == 0
                        ? "enrolment"
                        : Names.time(Instant.ofEpochMilli(new HybridTime(event.stamp()).millis())))
                + ", by the writer's clock.");
        head.add(
                event.context().isEmpty()
                        ? "Nothing of others was new to its writer."
                        : "New to its writer: "
                                + String.join(
                                        ", ",
                                        event.context().stream()
                                                .map(seen -> names.of(seen.origin()) + " up to " + seen.seq())
                                                .toList())
                                + ".");
        fill(head);
        actions.ask(() -> Operations.of(shown, event.dot()), operations -> {
            if (event.dot().equals(selected)) {
                head.addAll(operations);
                fill(head);
            }
        });
    }

    private void fill(List<String> lines) {
        detail.getChildren().clear();
        for (int i = 0; i < lines.size(); i++) {
            Label label = line(lines.get(i), i > 0 && i < 3);
            if (i == 0) {
                label.getStyleClass().add("card-name");
            }
            detail.getChildren().add(label);
        }
    }

    private static Label line(String text, boolean isMuted) {
        Label label = new Label(text);
        label.setWrapText(true);
        if (isMuted) {
            label.getStyleClass().add("muted");
        }
        return label;
    }
}
