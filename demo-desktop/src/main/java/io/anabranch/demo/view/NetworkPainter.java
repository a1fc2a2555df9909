// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.LabRelay;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Message;
import java.util.Map;
import javafx.geometry.Point2D;
import javafx.geometry.VPos;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.FontWeight;
import javafx.scene.text.TextAlignment;

/** Draws the network once: links first, what travels on them next, and the parties above that. */
final class NetworkPainter {
    static final double RADIUS = 17;

    private static final double RELAY_WIDTH = 54;
    private static final double RELAY_HEIGHT = 28;
    private static final double LABEL_HEIGHT = 16;
    private static final Font SMALL = Font.font(11);
    private static final Font BOLD = Font.font(null, FontWeight.BOLD, 12);

    private final GraphicsContext g;
    private final double width;
    private final double height;
    private final Palette palette;
    private final Map<String, Point2D> places;

    /** @param places where each party stands; one that is missing there is not drawn */
    NetworkPainter(Canvas canvas, Palette palette, Map<String, Point2D> places) {
        g = canvas.getGraphicsContext2D();
        width = canvas.getWidth();
        height = canvas.getHeight();
        this.palette = palette;
        this.places = places;
    }

    void clear() {
        g.clearRect(0, 0, width, height);
        g.setTextBaseline(VPos.CENTER);
    }

    /** Draws the line of somebody who is about to link two. */
    void drag(String from, Point2D to) {
        Point2D start = places.get(from);
        if (start != null) {
            line(start, to, palette.muted(), 2, 4);
        }
    }

    private void line(Point2D from, Point2D to, Color color, double thickness, double dash) {
        g.setStroke(color);
        g.setLineWidth(thickness);
        if (dash > 0) {
            g.setLineDashes(dash, dash);
        }
        g.strokeLine(from.getX(), from.getY(), to.getX(), to.getY());
        g.setLineDashes();
    }

    void link(LabView.LinkView link) {
        Point2D from = places.get(link.pair().asker());
        Point2D to = places.get(link.pair().answerer());
        if (from == null || to == null) {
            return;
        }
        boolean isOpen = link.isOpen();
        Color color = isOpen ? palette.muted() : link.isOn() ? palette.faint() : palette.danger();
        line(from, to, color, isOpen ? 2 : 1.5, isOpen ? 0 : 5);
        Point2D middle = from.midpoint(to);
        if (!link.isOn()) {
            label(middle, "cut", palette.danger());
        } else if (link.latencyMillis() > 0 || link.lossPercent() > 0) {
            String dials = (link.latencyMillis() > 0 ? link.latencyMillis() + " ms " : "")
                    + (link.lossPercent() > 0 ? link.lossPercent() + " % lost" : "");
            label(middle, dials.trim(), palette.muted());
        }
    }

    private void label(Point2D at, String text, Color color) {
        double wide = text.length() * 6.6 + 8;
        g.setFill(palette.paper());
        g.fillRoundRect(at.getX() - wide / 2, at.getY() - LABEL_HEIGHT / 2, wide, LABEL_HEIGHT, 6, 6);
        write(text, at.getX(), at.getY(), SMALL, TextAlignment.CENTER, color);
    }

    private void write(String text, double x, double y, Font font, TextAlignment align, Color color) {
        g.setFont(font);
        g.setTextAlign(align);
        g.setFill(color);
        g.fillText(text, x, y);
    }

    /**
     * Draws a message on its way.
     *
     * @param progress how far it has come, from 0 to 1; below 0 it was not sent yet
     * @param by the number of who wrote what it carries
     */
    void message(Message message, double progress, int by) {
        Point2D from = places.get(message.from());
        Point2D to = places.get(message.to());
        if (from == null || to == null || progress < 0) {
            return;
        }
        Point2D at = from.interpolate(to, message.isLost() ? Math.min(progress, 0.5) : progress);
        if (message.isLost() && progress > 0.5) {
            line(at.add(-4, -4), at.add(4, 4), palette.danger(), 2, 0);
            line(at.add(-4, 4), at.add(4, -4), palette.danger(), 2, 0);
        } else if (message.changeSets() > 0) {
            disc(at, 4.5 + Math.min(4.5, Math.log(message.changeSets())), palette.of(by));
        } else {
            disc(at, 2, palette.muted());
        }
    }

    private void disc(Point2D at, double radius, Color color) {
        g.setFill(color);
        g.fillOval(at.getX() - radius, at.getY() - radius, 2 * radius, 2 * radius);
    }

    void replica(LabView.ReplicaView replica) {
        Point2D at = places.get(replica.name());
        if (at == null) {
            return;
        }
        boolean isThere = replica.isUp() && replica.isSwitchedOn();
        Color color = palette.of(replica.number());
        disc(at, RADIUS, isThere ? color : palette.paper());
        g.setStroke(color);
        g.setLineWidth(2);
        if (!isThere) {
            g.setLineDashes(4, 3);
        }
        g.strokeOval(at.getX() - RADIUS, at.getY() - RADIUS, 2 * RADIUS, 2 * RADIUS);
        g.setLineDashes();
        write(replica.name(), at.getX(), at.getY(), BOLD, TextAlignment.CENTER, isThere ? palette.paper() : color);
        if (!isThere) {
            boolean isOnTheRight = at.getX() > width / 2 - 1;
            write(
                    replica.isUp() ? "offline" : "down",
                    at.getX() + (isOnTheRight ? RADIUS + 6 : -RADIUS - 6),
                    at.getY(),
                    SMALL,
                    isOnTheRight ? TextAlignment.LEFT : TextAlignment.RIGHT,
                    palette.danger());
        }
    }

    void relay(boolean isUp) {
        Point2D at = places.get(LabRelay.NAME);
        if (at == null) {
            return;
        }
        double left = at.getX() - RELAY_WIDTH / 2;
        double top = at.getY() - RELAY_HEIGHT / 2;
        Color color = isUp ? palette.text() : palette.danger();
        g.setFill(palette.paper());
        g.fillRoundRect(left, top, RELAY_WIDTH, RELAY_HEIGHT, 8, 8);
        g.setStroke(color);
        g.setLineWidth(1.5);
        if (!isUp) {
            g.setLineDashes(4, 3);
        }
        g.strokeRoundRect(left, top, RELAY_WIDTH, RELAY_HEIGHT, 8, 8);
        g.setLineDashes();
        write(LabRelay.NAME, at.getX(), at.getY(), BOLD, TextAlignment.CENTER, color);
        if (!isUp) {
            write("down", at.getX(), at.getY() + 23, SMALL, TextAlignment.CENTER, color);
        }
    }
}
