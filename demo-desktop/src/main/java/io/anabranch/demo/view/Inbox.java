// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.LabReplica;
import io.anabranch.demo.lab.Names;
import io.anabranch.demo.lab.Words;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.Resolution;
import java.util.List;
import java.util.function.UnaryOperator;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** What lost to concurrent writes at one replica: the value kept, the other one, who and when, and a button for each. */
final class Inbox extends ListView<Conflict> {
    private final LabReplica replica;
    private final Names names;
    private final UnaryOperator<String> titles;
    private final Actions actions;
    private List<Conflict> shown = List.of();

    /** @param titles says what an item of some id is called */
    Inbox(LabReplica replica, Names names, UnaryOperator<String> titles, Actions actions) {
        this.replica = replica;
        this.names = names;
        this.titles = titles;
        this.actions = actions;
        getStyleClass().add("inbox");
        setId("inbox-" + replica.name());
        setAccessibleText(replica.name() + "'s conflicts");
        Label empty =
                new Label("No conflicts.\nA value that loses to a concurrent one is listed here, to be restored.");
        empty.getStyleClass().add("empty");
        setPlaceholder(empty);
        setCellFactory(list -> new Entry());
    }

    void show(List<Conflict> conflicts) {
        if (!conflicts.equals(shown)) {
            shown = conflicts;
            getItems().setAll(conflicts);
        }
    }

    private void resolve(Conflict conflict, Resolution resolution) {
        actions.run(() -> replica.use(process -> process.resolve(conflict.id(), resolution)));
    }

    private final class Entry extends ListCell<Conflict> {
        private final Label what = new Label();
        private final Label kept = new Label();
        private final Label lost = new Label();
        private final Button restore = new Button("Restore");
        private final Button accept = new Button("Keep");
        private final HBox box;

        Entry() {
            what.getStyleClass().add("conflict-what");
            lost.getStyleClass().add("conflict-lost");
            VBox texts = new VBox(1, what, kept, lost);
            texts.setMinWidth(0);
            HBox.setHgrow(texts, Priority.ALWAYS);
            restore.getStyleClass().addAll("small", "accent");
            restore.setTooltip(new Tooltip("Write the other value again: an ordinary write, for everybody"));
            accept.getStyleClass().add("small");
            accept.setTooltip(new Tooltip("What shows is right: decided for everybody"));
            VBox buttons = new VBox(3, restore, accept);
            restore.setMaxWidth(Double.MAX_VALUE);
            accept.setMaxWidth(Double.MAX_VALUE);
            buttons.setMinWidth(84);
            box = new HBox(8, texts, buttons);
            box.setAlignment(Pos.CENTER_LEFT);
            prefWidthProperty().bind(Inbox.this.widthProperty().subtract(20));
        }

        @Override
        protected void updateItem(@Nullable Conflict conflict, boolean empty) {
            super.updateItem(conflict, empty);
            if (empty || conflict == null) {
                setGraphic(null);
                return;
            }
            String column = conflict.column() == null ? "two rows under one key" : conflict.column();
            what.setText(column + " of " + titles.apply(conflict.key().get(0).toString()));
            Conflict.Write keeps = conflict.kept();
            kept.setText(keeps == null ? "the row is gone" : "Kept: " + text(keeps));
            lost.setText("Other: " + text(conflict.lost()));
            restore.setDisable(conflict.kind() != Conflict.Kind.VALUE || keeps == null);
            restore.setOnAction(event -> resolve(conflict, Resolution.keepOther()));
            accept.setOnAction(event -> resolve(conflict, Resolution.accept()));
            setGraphic(box);
        }

        private String text(Conflict.Write write) {
            return Words.of(write.value()) + "  " + names.of(write.origin()) + ", " + Names.time(write.time());
        }
    }
}
