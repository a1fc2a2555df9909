// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Names;
import io.anabranch.demo.lab.Timeline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javafx.geometry.Orientation;
import javafx.geometry.Point2D;
import javafx.geometry.VPos;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.control.ScrollBar;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.Pane;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;
import org.jspecify.annotations.Nullable;

/**
 * The change sets, drawn as a causal graph: a lane for each origin, causes to the left of effects, a line from what a writer had
 * just seen to what it wrote then. Only what is on the screen is drawn: O(events on the screen), however many there are.
 */
final class TimelineGraph extends BorderPane {
    private static final double STEP = 34;
    private static final double MARGIN = 78;
    private static final double DOT = 6.5;
    private static final double FOCUS_BORDER = 2;
    /** An effect this many columns off the screen may have its cause on it. */
    private static final int LONGEST_CAUSE = 10;
    /** Many curves take long to draw, and nobody reads faster than this. */
    private static final long NEWS_EVERY_NANOS = 120_000_000;

    private final Canvas canvas = new Canvas();
    private final ScrollBar scroll = new ScrollBar();
    private final Consumer<@Nullable Dot> chosen;
    private final List<Timeline.Event> events = new ArrayList<>();
    private final List<List<Timeline.Event>> columns = new ArrayList<>();
    private final Map<Origin, Integer> lanes = new LinkedHashMap<>();
    private final Map<Dot, Timeline.Event> byDot = new HashMap<>();
    private Palette palette = new Palette(false);
    private @Nullable Dot selected;
    private boolean isStale = true;
    private boolean hasNews;
    private boolean isFollowing = true;
    private long drawnNanos;

    /** @param chosen hears which change set somebody chose; null if none */
    TimelineGraph(Consumer<@Nullable Dot> chosen) {
        this.chosen = chosen;
        Pane drawing = new Pane(canvas);
        drawing.getStyleClass().add("drawing");
        drawing.setMinWidth(0);
        canvas.setAccessibleText("The time line. Left and right go from one change set to the next.");
        canvas.relocate(FOCUS_BORDER, FOCUS_BORDER);
        canvas.widthProperty().bind(drawing.widthProperty().subtract(2 * FOCUS_BORDER));
        canvas.heightProperty().bind(drawing.heightProperty().subtract(2 * FOCUS_BORDER));
        canvas.widthProperty().addListener(any -> isStale = true);
        canvas.heightProperty().addListener(any -> isStale = true);
        canvas.setOnMouseClicked(event -> {
            canvas.requestFocus();
            chosen.accept(at(event.getX(), event.getY()));
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
        setCenter(drawing);
        setBottom(scroll);
    }

    /** Forgets the lab that was shown. */
    void clear() {
        events.clear();
        columns.clear();
        lanes.clear();
        byDot.clear();
        isFollowing = true;
        isStale = true;
    }

    /** Takes in what a lab has seen since the last call. */
    void show(Lab lab, Palette colors) {
        isStale |= palette != colors;
        palette = colors;
        for (Timeline.Event event : lab.timeline().eventsFrom(events.size())) {
            events.add(event);
            byDot.put(event.dot(), event);
            while (columns.size() <= event.column()) {
                columns.add(new ArrayList<>());
            }
            columns.get(event.column()).add(event);
            lanes.putIfAbsent(event.dot().origin(), lanes.size());
            hasNews = true;
        }
        if (hasNews) {
            lay(lab.names());
        }
    }

    /** Gives each origin its lane: replicas in their order, what they share above them. */
    private void lay(Names names) {
        List<Origin> ordered = new ArrayList<>(lanes.keySet());
        ordered.sort(Comparator.comparingInt(names::number).thenComparing(Comparator.naturalOrder()));
        lanes.clear();
        ordered.forEach(origin -> lanes.put(origin, lanes.size()));
    }

    /** Draws, if there is something new to draw. */
    void frame(Names names, long nowNanos) {
        if (!isStale && !(hasNews && nowNanos - drawnNanos > NEWS_EVERY_NANOS)) {
            return;
        }
        double hidden = Math.max(0, MARGIN + columns.size() * STEP + 10 - canvas.getWidth());
        scroll.setVisible(hidden > 0);
        scroll.setManaged(hidden > 0);
        scroll.setMax(hidden);
        scroll.setVisibleAmount(hidden * canvas.getWidth() / (canvas.getWidth() + hidden + 1));
        if (isFollowing) {
            scroll.setValue(hidden);
        }
        draw(names);
        isStale = false;
        hasNews = false;
        drawnNanos = nowNanos;
    }

    // ---- Where things are

    private double x(Timeline.Event event) {
        return MARGIN + event.column() * STEP + 10 - scroll.getValue();
    }

    private double y(Origin origin) {
        double lane = canvas.getHeight() / Math.max(1, lanes.size());
        return lane * (lanes.getOrDefault(origin, 0) + 0.5);
    }

    Timeline.@Nullable Event find(@Nullable Dot dot) {
        return dot == null ? null : byDot.get(dot);
    }

    /** Returns where on the screen a change set is drawn; null if it is not. */
    @Nullable
    Point2D place(Dot dot) {
        Timeline.Event event = byDot.get(dot);
        return event == null ? null : canvas.localToScreen(x(event), y(dot.origin()));
    }

    private @Nullable Dot at(double x, double y) {
        for (Timeline.Event event : onScreen(0)) {
            if (Math.hypot(x(event) - x, y(event.dot().origin()) - y) <= DOT + 4) {
                return event.dot();
            }
        }
        return null;
    }

    /** Returns what stands in the columns on the screen, and in some more to the right of it. */
    private List<Timeline.Event> onScreen(int more) {
        int from = (int) Math.floor(scroll.getValue() / STEP);
        int to = (int) Math.ceil((scroll.getValue() + canvas.getWidth() - MARGIN) / STEP) + 1 + more;
        List<Timeline.Event> shown = new ArrayList<>();
        for (int column = Math.max(0, from); column < Math.min(columns.size(), to); column++) {
            shown.addAll(columns.get(column));
        }
        return shown;
    }

    // ---- Drawing

    private void draw(Names names) {
        GraphicsContext g = canvas.getGraphicsContext2D();
        double width = canvas.getWidth();
        g.clearRect(0, 0, width, canvas.getHeight());
        g.setTextBaseline(VPos.CENTER);
        g.setFont(Font.font(11));
        g.setFill(palette.faint());
        for (Origin origin : lanes.keySet()) {
            g.fillRect(MARGIN, Math.round(y(origin)), width - MARGIN, 1);
        }
        for (Timeline.Event event : onScreen(LONGEST_CAUSE)) {
            event.parents().forEach(parent -> drawCause(g, parent, event, names));
        }
        g.setTextAlign(TextAlignment.CENTER);
        g.setFont(Font.font(9));
        for (Timeline.Event event : onScreen(0)) {
            drawEvent(g, event, names);
        }
        g.setFont(Font.font(11));
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
        if (cause == null || x(cause) > canvas.getWidth()) {
            return;
        }
        boolean isOfSelected = event.dot().equals(selected);
        boolean isOwn = parent.origin().equals(event.dot().origin());
        Color color =
                palette.of(names.number(parent.origin())).deriveColor(0, 1, 1, isOfSelected ? 1 : isOwn ? 0.8 : 0.4);
        double fromX = x(cause);
        double toX = x(event);
        double fromY = y(parent.origin());
        double toY = y(event.dot().origin());
        if (isOwn) { // Along its lane: most lines are, and a rectangle is drawn in a fraction of the time.
            double thickness = isOfSelected ? 3 : 2;
            g.setFill(color);
            g.fillRect(fromX, Math.round(fromY - thickness / 2), toX - fromX, thickness);
            return;
        }
        g.setStroke(color);
        g.setLineWidth(isOfSelected ? 2.4 : 1.2);
        g.beginPath();
        g.moveTo(fromX, fromY);
        g.bezierCurveTo(fromX + (toX - fromX) * 0.5, fromY, toX - (toX - fromX) * 0.5, toY, toX, toY);
        g.stroke();
    }

    private void drawEvent(GraphicsContext g, Timeline.Event event, Names names) {
        double x = x(event);
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
        g.fillText(Long.toString(event.dot().seq()), x, y - size - 5);
    }

    // ---- One of them

    private void step(int by) {
        if (!events.isEmpty()) {
            int last = events.size() - 1;
            int at = events.indexOf(find(selected));
            chosen.accept(events.get(at < 0 ? last : Math.max(0, Math.min(last, at + by)))
                    .dot());
        }
    }

    /** Marks a change set, and what it follows from; null marks none. */
    void mark(@Nullable Dot dot) {
        selected = dot;
        isStale = true;
    }
}
