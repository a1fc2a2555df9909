// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabRelay;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Link;
import io.anabranch.demo.lab.Message;
import io.anabranch.demo.lab.Names;
import io.anabranch.demo.lab.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javafx.geometry.Point2D;
import javafx.geometry.VPos;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.Pane;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.FontWeight;
import javafx.scene.text.TextAlignment;
import org.jspecify.annotations.Nullable;

/** The network, drawn: who is linked with whom, and what is travelling. Click a link to cut it; drag to link two. */
final class NetworkView extends Pane {
    /** A message is seen for this long at least, however fast it was. */
    private static final long LEAST_NANOS = 450_000_000;

    private static final double RADIUS = 17;
    private static final double NEAR = 7;

    private final Canvas canvas = new Canvas();
    private final List<Message> travelling = new ArrayList<>();
    private final Map<String, Point2D> places = new LinkedHashMap<>();
    private final Consumer<Topology.Pair> cut;
    private final BiConsumer<String, String> linked;
    private LabView view = LabView.EMPTY;
    private Palette palette = new Palette(false);
    private boolean hasRelay;
    private boolean isStale = true;
    private @Nullable String dragFrom;
    private @Nullable Point2D dragTo;

    /**
     * @param cut is told which link was clicked
     * @param linked is told which two somebody wants linked
     */
    NetworkView(Consumer<Topology.Pair> cut, BiConsumer<String, String> linked) {
        this.cut = cut;
        this.linked = linked;
        setId("network");
        setAccessibleText("The network, drawn. The list beside it says the same.");
        setMinSize(200, 120);
        getChildren().add(canvas);
        canvas.widthProperty().bind(widthProperty());
        canvas.heightProperty().bind(heightProperty());
        widthProperty().addListener(any -> isStale = true);
        heightProperty().addListener(any -> isStale = true);
        canvas.setOnMousePressed(event -> dragFrom = partyAt(event));
        canvas.setOnMouseDragged(event -> {
            dragTo = new Point2D(event.getX(), event.getY());
            isStale = true;
        });
        canvas.setOnMouseReleased(this::released);
    }

    void show(LabView now, Lab lab, Palette colors) {
        view = now;
        palette = colors;
        hasRelay = lab.topology() == Topology.STAR || lab.topology() == Topology.OWN;
        isStale = true;
    }

    void sent(Message message) {
        travelling.add(message);
    }

    /** Draws, if there is something to draw. */
    void frame(long nowNanos, Names names) {
        boolean hadMessages = !travelling.isEmpty();
        travelling.removeIf(message -> progress(message, nowNanos) > 1);
        if (isStale || hadMessages) {
            isStale = false;
            draw(nowNanos, names);
        }
    }

    boolean isQuiet() {
        return travelling.isEmpty();
    }

    private static double progress(Message message, long nowNanos) {
        return (nowNanos - message.sentNanos()) / (double) Math.max(LEAST_NANOS, message.travelNanos());
    }

    // ---- Where things are

    private void place() {
        places.clear();
        double middleX = getWidth() / 2;
        double middleY = getHeight() / 2;
        int count = view.replicas().size();
        double reachX = Math.min(middleX - 90, 320);
        double reachY = middleY - RADIUS - 8;
        for (int i = 0; i < count; i++) {
            // From the left, round: with a relay in the middle nothing lies behind it.
            double angle = Math.PI - 2 * Math.PI * i / count;
            String name = view.replicas().get(i).name();
            places.put(name, new Point2D(middleX + reachX * Math.cos(angle), middleY - reachY * Math.sin(angle)));
        }
        if (hasRelay) {
            places.put(LabRelay.NAME, new Point2D(middleX, middleY));
        }
        double leftmost =
                places.values().stream().mapToDouble(Point2D::getX).min().orElse(middleX);
        double rightmost =
                places.values().stream().mapToDouble(Point2D::getX).max().orElse(middleX);
        double shift = middleX - (leftmost + rightmost) / 2;
        places.replaceAll((name, at) -> at.add(shift, 0));
    }

    /** Returns where a party is drawn; null if it is not. */
    @Nullable
    Point2D place(String party) {
        return places.get(party);
    }

    private @Nullable String partyAt(MouseEvent event) {
        for (Map.Entry<String, Point2D> place : places.entrySet()) {
            if (place.getValue().distance(event.getX(), event.getY()) <= RADIUS + 3) {
                return place.getKey();
            }
        }
        return null;
    }

    private void released(MouseEvent event) {
        String from = dragFrom;
        String to = partyAt(event);
        dragFrom = null;
        dragTo = null;
        isStale = true;
        if (from != null) {
            if (to != null && !to.equals(from)) {
                linked.accept(from, to);
            }
            return;
        }
        for (LabView.LinkView link : view.links()) {
            Point2D one = places.get(link.pair().asker());
            Point2D other = places.get(link.pair().answerer());
            if (one != null && other != null && distance(one, other, new Point2D(event.getX(), event.getY())) < NEAR) {
                cut.accept(link.pair());
                return;
            }
        }
    }

    private static double distance(Point2D one, Point2D other, Point2D point) {
        Point2D along = other.subtract(one);
        double at = Math.max(0, Math.min(1, point.subtract(one).dotProduct(along) / along.dotProduct(along)));
        return one.add(along.multiply(at)).distance(point);
    }

    // ---- Drawing

    private void draw(long nowNanos, Names names) {
        place();
        GraphicsContext g = canvas.getGraphicsContext2D();
        g.clearRect(0, 0, getWidth(), getHeight());
        g.setTextBaseline(VPos.CENTER);
        for (LabView.LinkView link : view.links()) {
            drawLink(g, link);
        }
        if (dragFrom != null && dragTo != null && places.get(dragFrom) != null) {
            Point2D from = places.get(dragFrom);
            line(g, from, dragTo, palette.muted(), 2, 4);
        }
        for (Message message : travelling) {
            drawMessage(g, message, nowNanos, names);
        }
        for (LabView.ReplicaView replica : view.replicas()) {
            drawReplica(g, replica);
        }
        if (hasRelay) {
            drawRelay(g);
        }
    }

    private static void line(GraphicsContext g, Point2D from, Point2D to, Color color, double width, double dash) {
        g.setStroke(color);
        g.setLineWidth(width);
        if (dash > 0) {
            g.setLineDashes(dash, dash);
        }
        g.strokeLine(from.getX(), from.getY(), to.getX(), to.getY());
        g.setLineDashes();
    }

    private void drawLink(GraphicsContext g, LabView.LinkView link) {
        Point2D from = places.get(link.pair().asker());
        Point2D to = places.get(link.pair().answerer());
        if (from == null || to == null) {
            return;
        }
        boolean open = link.isOpen();
        line(
                g,
                from,
                to,
                link.isOn() ? open ? palette.muted() : palette.faint() : palette.danger(),
                open ? 2 : 1.5,
                open ? 0 : 5);
        Point2D middle = from.midpoint(to);
        g.setFont(Font.font(11));
        g.setTextAlign(TextAlignment.CENTER);
        if (!link.isOn()) {
            label(g, middle, "cut", palette.danger());
        } else if (link.latencyMillis() > 0 || link.lossPercent() > 0) {
            String dials = (link.latencyMillis() > 0 ? link.latencyMillis() + " ms " : "")
                    + (link.lossPercent() > 0 ? link.lossPercent() + " % lost" : "");
            label(g, middle, dials.trim(), palette.muted());
        }
    }

    private void label(GraphicsContext g, Point2D at, String text, Color color) {
        double width = text.length() * 6.6 + 8;
        g.setFill(palette.paper());
        g.fillRoundRect(at.getX() - width / 2, at.getY() - 8, width, 16, 6, 6);
        g.setFill(color);
        g.fillText(text, at.getX(), at.getY());
    }

    private void drawMessage(GraphicsContext g, Message message, long nowNanos, Names names) {
        Point2D from = places.get(message.from());
        Point2D to = places.get(message.to());
        double progress = progress(message, nowNanos);
        if (from == null || to == null || progress < 0) {
            return;
        }
        boolean isLost = message.isLost() && progress > 0.5;
        Point2D at = from.interpolate(to, message.isLost() ? Math.min(progress, 0.5) : progress);
        if (isLost) {
            line(g, at.add(-4, -4), at.add(4, 4), palette.danger(), 2, 0);
            line(g, at.add(-4, 4), at.add(4, -4), palette.danger(), 2, 0);
        } else if (message.changeSets() > 0) {
            g.setFill(palette.of(names.number(message.by())));
            double size = 9 + Math.min(9, 2 * Math.log(message.changeSets()));
            g.fillOval(at.getX() - size / 2, at.getY() - size / 2, size, size);
        } else {
            g.setFill(palette.muted());
            g.fillOval(at.getX() - 2, at.getY() - 2, 4, 4);
        }
    }

    private void drawReplica(GraphicsContext g, LabView.ReplicaView replica) {
        Point2D at = places.get(replica.name());
        if (at == null) {
            return;
        }
        boolean there = replica.isUp() && replica.isSwitchedOn();
        Color color = palette.of(replica.number());
        g.setFill(there ? color : palette.paper());
        g.fillOval(at.getX() - RADIUS, at.getY() - RADIUS, 2 * RADIUS, 2 * RADIUS);
        g.setStroke(color);
        g.setLineWidth(2);
        if (!there) {
            g.setLineDashes(4, 3);
        }
        g.strokeOval(at.getX() - RADIUS, at.getY() - RADIUS, 2 * RADIUS, 2 * RADIUS);
        g.setLineDashes();
        g.setFill(there ? palette.paper() : color);
        g.setTextAlign(TextAlignment.CENTER);
        g.setFont(Font.font(null, FontWeight.BOLD, 12));
        g.fillText(replica.name(), at.getX(), at.getY());
        boolean onTheRight = at.getX() > getWidth() / 2 - 1;
        g.setFont(Font.font(11));
        g.setFill(there ? palette.muted() : palette.danger());
        g.setTextAlign(onTheRight ? TextAlignment.LEFT : TextAlignment.RIGHT);
        String state = !replica.isUp() ? "down" : !replica.isSwitchedOn() ? "offline" : "";
        g.fillText(state, at.getX() + (onTheRight ? RADIUS + 6 : -RADIUS - 6), at.getY());
    }

    private void drawRelay(GraphicsContext g) {
        Point2D at = places.get(LabRelay.NAME);
        if (at == null) {
            return;
        }
        g.setFill(palette.paper());
        g.fillRoundRect(at.getX() - 27, at.getY() - 14, 54, 28, 8, 8);
        g.setStroke(view.isRelayUp() ? palette.text() : palette.danger());
        g.setLineWidth(1.5);
        if (!view.isRelayUp()) {
            g.setLineDashes(4, 3);
        }
        g.strokeRoundRect(at.getX() - 27, at.getY() - 14, 54, 28, 8, 8);
        g.setLineDashes();
        g.setFill(view.isRelayUp() ? palette.text() : palette.danger());
        g.setTextAlign(TextAlignment.CENTER);
        g.setFont(Font.font(null, FontWeight.BOLD, 12));
        g.fillText(LabRelay.NAME, at.getX(), at.getY());
        if (!view.isRelayUp()) {
            g.setFont(Font.font(11));
            g.fillText("down", at.getX(), at.getY() + 23);
        }
    }

    /** Cuts or mends a link of a lab. */
    static void toggle(Lab lab, Topology.Pair pair) {
        Link link = lab.link(pair);
        if (link != null) {
            link.on(!link.isOn());
        }
    }
}
