// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Link;
import io.anabranch.demo.lab.Topology;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;

/** One link of the list: its switch, and its dials for latency and loss. */
final class LinkRow extends HBox {
    private static final int MOST_LATENCY = 2_000;
    private static final int MOST_LOSS = 90;
    private static final double GAP = 6;
    private static final double SWITCH = 38;
    private static final double NAME = 86;
    private static final double SLIDER = 88;
    private static final double TEXT = 54;

    private final Topology.Pair pair;
    private final Actions actions;
    private final Supplier<Lab> lab;
    private final Switch on;
    private final Slider latency = new Slider(0, MOST_LATENCY, 0);
    private final Slider loss = new Slider(0, MOST_LOSS, 0);
    private final Label latencyText = new Label();
    private final Label lossText = new Label();
    private final Tooltip state = new Tooltip();
    private boolean isShowing;

    LinkRow(Topology.Pair pair, Actions actions, Supplier<Lab> lab) {
        super(GAP);
        this.pair = pair;
        this.actions = actions;
        this.lab = lab;
        String between = pair.asker() + " – " + pair.answerer();
        String id = pair.asker() + "-" + pair.answerer();
        setAlignment(Pos.CENTER_LEFT);
        Label name = new Label(between);
        Tooltip.install(name, state);
        on = new Switch("The link " + between + ", whole or cut");
        on.setId("link-" + id);
        on.selectedProperty().addListener((any, was, now) -> dial(link -> link.on(now)));
        latency.setId("latency-" + id);
        loss.setId("loss-" + id);
        latency.setBlockIncrement(100);
        loss.setBlockIncrement(10);
        latency.setAccessibleText("Latency of " + between + " one way, in milliseconds");
        loss.setAccessibleText("Messages lost on " + between + ", of a hundred");
        latency.setTooltip(new Tooltip(latency.getAccessibleText()));
        loss.setTooltip(new Tooltip(loss.getAccessibleText()));
        latency.valueProperty().addListener((any, was, now) -> dial(link -> link.latencyMillis(now.intValue())));
        loss.valueProperty().addListener((any, was, now) -> dial(link -> link.lossPercent(now.intValue())));
        latencyText.getStyleClass().add("muted");
        lossText.getStyleClass().add("muted");
        getChildren()
                .addAll(
                        wide(new HBox(on), SWITCH),
                        wide(name, NAME),
                        wide(latency, SLIDER),
                        wide(latencyText, TEXT),
                        wide(loss, SLIDER),
                        wide(lossText, TEXT));
    }

    /** Returns what stands above the rows. */
    static HBox heading() {
        HBox heading = new HBox(
                GAP,
                wide(new Label("On"), SWITCH),
                wide(new Label("Link"), NAME),
                wide(new Label("Latency, one way"), SLIDER + GAP + TEXT),
                wide(new Label("Loss"), SLIDER + GAP + TEXT));
        heading.setPadding(new Insets(0, 10, 0, 4));
        heading.getStyleClass().add("heading");
        return heading;
    }

    private static Region wide(Region part, double width) {
        part.setMinWidth(width);
        part.setPrefWidth(width);
        part.setMaxWidth(width);
        return part;
    }

    private void dial(Consumer<Link> what) {
        Link link = isShowing ? null : lab.get().link(pair);
        if (link != null) {
            actions.run(() -> what.accept(link));
        }
    }

    void show(LabView.LinkView link) {
        isShowing = true;
        on.setSelected(link.isOn());
        if (!latency.isValueChanging()) {
            latency.setValue(link.latencyMillis());
        }
        if (!loss.isValueChanging()) {
            loss.setValue(link.lossPercent());
        }
        isShowing = false;
        latencyText.setText(link.latencyMillis() + " ms");
        lossText.setText(link.lossPercent() + " %");
        state.setText(pair.asker() + " asks " + pair.answerer() + ": " + link.state());
    }
}
