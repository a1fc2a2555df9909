// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.BoardFeed;
import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabReplica;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.ReplicaDown;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;

/** The cards of a lab's replicas, side by side in their order. Confined to JavaFX's thread. */
final class Cards extends HBox {
    private final Actions actions;
    private final Supplier<Palette> palette;
    private final Map<String, ReplicaCard> byName = new LinkedHashMap<>();

    Cards(Actions actions, Supplier<Palette> palette) {
        super(8);
        this.actions = actions;
        this.palette = palette;
    }

    /** Forgets the lab that was shown, and says what there is to do without one. */
    void clear(String sentence) {
        byName.clear();
        Label none = new Label(sentence);
        none.getStyleClass().add("empty");
        getChildren().setAll(none);
    }

    void show(Lab lab, LabView view) {
        List<String> names =
                view.replicas().stream().map(LabView.ReplicaView::name).toList();
        boolean areKnown = view.replicas().stream().allMatch(replica -> isKnown(lab, replica.name()));
        if (!areKnown || names.size() != byName.size()) {
            arrange(lab, names);
        }
        for (LabView.ReplicaView replica : view.replicas()) {
            ReplicaCard card = byName.get(replica.name());
            if (card != null) {
                card.show(replica, view.highest());
            }
        }
    }

    /** A name that was given up may be another replica's by now. */
    private boolean isKnown(Lab lab, String name) {
        ReplicaCard card = byName.get(name);
        return card != null && card.replica() == lab.find(name);
    }

    private void arrange(Lab lab, List<String> names) {
        Map<String, ReplicaCard> before = Map.copyOf(byName);
        byName.clear();
        for (String name : names) {
            LabReplica replica = lab.find(name);
            ReplicaCard known = before.get(name);
            if (replica != null && known != null && known.replica() == replica) {
                byName.put(name, known);
            } else if (replica != null) {
                add(lab, replica);
            }
        }
        getChildren().setAll(byName.values());
        if (byName.isEmpty()) {
            clear("No replicas. Add one, or begin a new lab under More.");
        }
    }

    private void add(Lab lab, LabReplica replica) {
        try {
            ReplicaCard card = new ReplicaCard(lab, replica, actions, palette);
            setHgrow(card, Priority.ALWAYS);
            byName.put(replica.name(), card);
            actions.quietly(() -> lab.lookAgain(replica));
        } catch (ReplicaDown e) {
            return; // It has gone since somebody looked.
        }
    }

    /** Shows what changed on a replica's board. */
    void apply(LabReplica replica, BoardFeed.Update update) {
        ReplicaCard card = byName.get(replica.name());
        if (card != null && card.replica() == replica) {
            card.apply(update, System.nanoTime());
        }
    }

    void frame(long nowNanos) {
        byName.values().forEach(card -> card.frame(nowNanos));
    }

    /** Returns whether no cell is lit up. */
    boolean isStill() {
        return byName.values().stream().noneMatch(card -> card.table().isFlashing());
    }

    void showInbox(String replica, boolean on) {
        ReplicaCard card = byName.get(replica);
        if (card != null) {
            card.showInbox(on);
        }
    }

    /** Returns the rows of a replica's board as text: what its columns show, from title to cart. */
    List<String> rows(String replica) {
        ReplicaCard card = byName.get(replica);
        return card == null
                ? List.of()
                : card.table().getItems().stream().map(row -> text(row.item())).toList();
    }

    private static String text(Item item) {
        return String.join(
                "|",
                item.title(),
                Long.toString(item.stock()),
                Long.toString(item.likes()),
                String.join(",", item.tags()),
                String.join("/", item.prices()),
                item.cart());
    }
}
