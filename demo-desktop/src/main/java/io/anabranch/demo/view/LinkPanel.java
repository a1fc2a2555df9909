// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabRelay;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ChoiceBox;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/** The links as a list, and all that can be done in the drawing done by keyboard: cut, dial, link two, stop the relay. */
final class LinkPanel extends VBox {
    private final Actions actions;
    private final Supplier<Lab> lab;
    private final VBox list = new VBox(4);
    private final Map<Topology.Pair, LinkRow> rows = new LinkedHashMap<>();
    private final Label empty = new Label("No links. Drag from one to another in the drawing, or choose a topology.");
    private final Button relay = new Button();
    private final ChoiceBox<String> from = choice("link-from", "Who asks");
    private final ChoiceBox<String> to = choice("link-to", "Who is asked");

    LinkPanel(Actions actions, Supplier<Lab> lab) {
        super(4);
        this.actions = actions;
        this.lab = lab;
        setId("links");
        empty.setWrapText(true);
        empty.getStyleClass().add("muted");
        list.setPadding(new Insets(2, 10, 2, 4));
        ScrollPane scroll = new Scroll(list);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.setFocusTraversable(false);
        VBox.setVgrow(scroll, Priority.ALWAYS);
        getChildren().addAll(LinkRow.heading(), scroll, bottom());
        setVisible(false); // Until there is a lab.
    }

    private static ChoiceBox<String> choice(String id, String meaning) {
        ChoiceBox<String> choice = new ChoiceBox<>();
        choice.setId(id);
        choice.setAccessibleText(meaning);
        choice.setTooltip(new Tooltip(meaning));
        choice.getStyleClass().add("small");
        return choice;
    }

    private HBox bottom() {
        Button link = new Button("Link");
        link.getStyleClass().add("small");
        link.setId("link");
        link.setTooltip(new Tooltip("Link these two; the topology is one's own from then on"));
        link.setOnAction(event -> {
            String one = from.getValue();
            String other = to.getValue();
            if (one != null && other != null) {
                actions.run(() -> lab.get().link(one, other));
            }
        });
        relay.getStyleClass().add("small");
        relay.setId("relay-switch");
        relay.setOnAction(event -> actions.run(() -> {
            if (lab.get().relay().isUp()) {
                lab.get().stopRelay();
            } else {
                lab.get().startRelay();
            }
        }));
        Label dash = new Label("–");
        HBox bottom = new HBox(6, from, dash, to, link, ControlBar.spacer(), relay);
        bottom.setAlignment(Pos.CENTER_LEFT);
        bottom.setPadding(new Insets(0, 10, 0, 4));
        for (Node node : List.of(dash, link, relay)) {
            ((Region) node).setMinWidth(Region.USE_PREF_SIZE);
        }
        return bottom;
    }

    void show(LabView view) {
        setVisible(true);
        List<Topology.Pair> pairs =
                view.links().stream().map(LabView.LinkView::pair).toList();
        if (!pairs.equals(List.copyOf(rows.keySet())) || list.getChildren().isEmpty()) {
            rows.clear();
            pairs.forEach(pair -> rows.put(pair, new LinkRow(pair, actions, lab)));
            list.getChildren().setAll(rows.values());
            if (pairs.isEmpty()) {
                list.getChildren().add(empty);
            }
        }
        boolean hasRelay = pairs.stream().anyMatch(pair -> pair.answerer().equals(LabRelay.NAME));
        relay.setVisible(hasRelay);
        relay.setText(view.isRelayUp() ? "Stop the relay" : "Start the relay");
        showParties(view);
        for (LabView.LinkView link : view.links()) {
            LinkRow row = rows.get(link.pair());
            if (row != null) {
                row.show(link);
            }
        }
    }

    private void showParties(LabView view) {
        List<String> parties = new ArrayList<>();
        view.replicas().forEach(replica -> parties.add(replica.name()));
        parties.add(LabRelay.NAME);
        if (!parties.equals(from.getItems())) {
            from.getItems().setAll(parties);
            to.getItems().setAll(parties);
            from.setValue(parties.get(0));
            to.setValue(parties.get(parties.size() > 2 ? 1 : parties.size() - 1));
        }
    }
}
