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
import javafx.scene.canvas.Canvas;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.Pane;
import org.jspecify.annotations.Nullable;

/** The network, drawn: who is linked with whom, and what is travelling. Click a link to cut it; drag to link two. */
final class NetworkView extends Pane {
    /** A message is seen for this long at least, however fast it was. */
    private static final long LEAST_NANOS = 450_000_000;

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
        isStale |= hadMessages;
        if (isVisible() && isStale) {
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
        double reachY = middleY - NetworkPainter.RADIUS - 8;
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
            if (place.getValue().distance(event.getX(), event.getY()) <= NetworkPainter.RADIUS + 3) {
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
        NetworkPainter painter = new NetworkPainter(canvas, palette, places);
        painter.clear();
        view.links().forEach(painter::link);
        if (dragFrom != null && dragTo != null) {
            painter.drag(dragFrom, dragTo);
        }
        for (Message message : travelling) {
            painter.message(message, progress(message, nowNanos), names.number(message.by()));
        }
        view.replicas().forEach(painter::replica);
        if (hasRelay) {
            painter.relay(view.isRelayUp());
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
