// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import atlantafx.base.controls.ToggleSwitch;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabRelay;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Link;
import io.anabranch.demo.lab.Topology;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Slider;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;

/** The links as a list: a switch, a dial for latency and one for loss each; for those who would rather use the keyboard. */
final class LinkPanel extends ScrollPane {
    private static final int MOST_LATENCY = 2_000;
    private static final int MOST_LOSS = 90;

    private final Actions actions;
    private final Supplier<Lab> lab;
    private final VBox list = new VBox(4);
    private final Map<Topology.Pair, Row> rows = new LinkedHashMap<>();
    private final Label empty = new Label("No links. Drag from one to another in the drawing, or choose a topology.");
    private final Button relay = new Button();
    private final HBox relayRow = new HBox(8, new Label("Relay"), relay);

    LinkPanel(Actions actions, Supplier<Lab> lab) {
        this.actions = actions;
        this.lab = lab;
        empty.setWrapText(true);
        empty.getStyleClass().add("muted");
        list.setPadding(new Insets(4, 10, 4, 4));
        relay.getStyleClass().add("small");
        relay.setId("relay-switch");
        relay.setOnAction(event -> actions.run(() -> {
            LabRelay party = lab.get().relay();
            if (party.isUp()) {
                party.stop();
            } else {
                party.start();
            }
        }));
        relayRow.setAlignment(Pos.CENTER_LEFT);
        setContent(list);
        setFitToWidth(true);
        setHbarPolicy(ScrollBarPolicy.NEVER);
        getStyleClass().add("edge-to-edge");
    }

    void show(LabView view) {
        List<Topology.Pair> pairs =
                view.links().stream().map(LabView.LinkView::pair).toList();
        boolean hasRelay =
                pairs.stream().anyMatch(pair -> pair.answerer().equals(LabRelay.NAME)) || view.relayProblem() != null;
        if (!pairs.equals(List.copyOf(rows.keySet())) || list.getChildren().isEmpty()) {
            rows.clear();
            pairs.forEach(pair -> rows.put(pair, new Row(pair)));
        }
        list.getChildren().setAll(rows.values());
        if (pairs.isEmpty()) {
            list.getChildren().add(empty);
        }
        if (hasRelay) {
            list.getChildren().add(relayRow);
        }
        relay.setText(view.isRelayUp() ? "Stop the relay" : "Start the relay");
        for (LabView.LinkView link : view.links()) {
            Row row = rows.get(link.pair());
            if (row != null) {
                row.show(link);
            }
        }
    }

    private final class Row extends HBox {
        private final Topology.Pair pair;
        private final ToggleSwitch on = new ToggleSwitch();
        private final Slider latency = new Slider(0, MOST_LATENCY, 0);
        private final Slider loss = new Slider(0, MOST_LOSS, 0);
        private final Label latencyText = new Label();
        private final Label lossText = new Label();
        private final Tooltip state = new Tooltip();
        private boolean isShowing;

        Row(Topology.Pair pair) {
            super(6);
            this.pair = pair;
            setAlignment(Pos.CENTER_LEFT);
            Label name = new Label(pair.asker() + " – " + pair.answerer());
            name.setMinWidth(78);
            Tooltip.install(name, state);
            on.setId("link-" + pair.asker() + "-" + pair.answerer());
            on.selectedProperty().addListener((any, was, now) -> dial(link -> link.on(now)));
            dress(latency, latencyText, "Latency, one way");
            dress(loss, lossText, "Messages lost, of a hundred");
            latency.valueProperty().addListener((any, was, now) -> dial(link -> link.latencyMillis(now.intValue())));
            loss.valueProperty().addListener((any, was, now) -> dial(link -> link.lossPercent(now.intValue())));
            getChildren().addAll(on, name, latency, latencyText, loss, lossText);
        }

        private void dress(Slider slider, Label text, String tip) {
            slider.setPrefWidth(82);
            slider.setMinWidth(40);
            slider.setTooltip(new Tooltip(tip));
            text.setMinWidth(52);
            text.getStyleClass().add("muted");
        }

        private void dial(java.util.function.Consumer<Link> what) {
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
}
