// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.notes;

import io.anabranch.sync.Conflict;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.session.SyncOutcome;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.CheckBox;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import org.jspecify.annotations.Nullable;

/** A window on notes: a list, the note that is selected, and whether the window is online. Confined to JavaFX's thread. */
final class NotesWindow {
    private final Notes notes;
    /** Writes wait for a disk, and windows should not. */
    private final ExecutorService writer = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "notes-writer");
        thread.setDaemon(true);
        return thread;
    });

    private final ListView<Notes.Note> list = new ListView<>();
    private final TextField title = new TextField();
    private final TextArea body = new TextArea();
    private final Button like = new Button();
    private final Label conflict = new Label();
    private final Button takeOther = new Button("Take the other");
    private final HBox conflictBar = new HBox(8, conflict, takeOther);
    private final Label status = new Label("offline");
    private final CheckBox online = new CheckBox("Online");
    private @Nullable String shown;
    private boolean isShowing;

    NotesWindow(Notes notes) {
        this.notes = notes;
    }

    Scene scene() {
        Button add = new Button("New");
        add.setId("add");
        add.setOnAction(event -> ask(notes::add, id -> shown = id));
        Button delete = new Button("Delete");
        delete.setOnAction(event -> write(id -> notes.delete(id)));
        like.setOnAction(event -> write(id -> notes.like(id)));
        online.setOnAction(event -> connect(online.isSelected()));
        HBox tools = new HBox(8, add, delete, like, online, status);
        tools.setAlignment(Pos.CENTER_LEFT);

        list.setId("notes");
        list.setPlaceholder(new Label("No notes yet."));
        list.setPrefWidth(190);
        list.setCellFactory(any -> new ListCell<>() {
            @Override
            protected void updateItem(Notes.@Nullable Note note, boolean empty) {
                super.updateItem(note, empty);
                setText(empty || note == null ? null : note.title());
            }
        });
        list.getSelectionModel().selectedItemProperty().addListener((any, was, now) -> select(now));

        title.setId("title");
        title.setPromptText("Title");
        title.setOnAction(event -> save());
        body.setId("body");
        body.setPromptText("Write here. It is saved when you leave the field.");
        body.setWrapText(true);
        title.focusedProperty().addListener((any, was, focused) -> saveUnless(focused));
        body.focusedProperty().addListener((any, was, focused) -> saveUnless(focused));
        conflictBar.setAlignment(Pos.CENTER_LEFT);
        conflictBar.managedProperty().bind(conflictBar.visibleProperty());
        conflict.setWrapText(true);
        takeOther.setId("take-other");
        VBox editor = new VBox(8, title, body, conflictBar);
        VBox.setVgrow(body, Priority.ALWAYS);
        editor.setPadding(new Insets(0, 0, 0, 8));

        BorderPane root = new BorderPane(editor, tools, null, null, list);
        BorderPane.setMargin(tools, new Insets(0, 0, 8, 0));
        root.setPadding(new Insets(10));
        show(List.of());
        notes.watch(Platform::runLater, this::show);
        online.setSelected(true);
        connect(true);
        return new Scene(root, 620, 380);
    }

    // ---- Showing

    private void show(List<Notes.Note> all) {
        isShowing = true;
        list.getItems().setAll(all);
        Notes.Note current = find(all, shown);
        if (current == null && !all.isEmpty()) {
            current = all.get(0);
        }
        list.getSelectionModel().select(current);
        isShowing = false;
        select(current);
    }

    private static Notes.@Nullable Note find(List<Notes.Note> all, @Nullable String id) {
        for (Notes.Note note : all) {
            if (note.id().equals(id)) {
                return note;
            }
        }
        return null;
    }

    private void select(Notes.@Nullable Note note) {
        if (isShowing) {
            return;
        }
        boolean isOther = note == null || !note.id().equals(shown);
        shown = note == null ? null : note.id();
        title.setDisable(note == null);
        body.setDisable(note == null);
        like.setDisable(note == null);
        like.setText("Like " + (note == null ? 0 : note.likes()));
        // What somebody is typing is not taken from under their hands: it is saved when they leave the field.
        if (isOther || !title.isFocused()) {
            title.setText(note == null ? "" : note.title());
        }
        if (isOther || !body.isFocused()) {
            body.setText(note == null ? "" : note.body());
        }
        conflictBar.setVisible(false);
        if (note != null) {
            ask(() -> notes.conflicts(note.id()), this::showConflicts);
        }
    }

    private void showConflicts(List<Conflict> conflicts) {
        conflictBar.setVisible(!conflicts.isEmpty());
        if (!conflicts.isEmpty()) {
            Conflict first = conflicts.get(0);
            conflict.setText("At the same time the " + first.column() + " became \""
                    + first.lost().value() + "\".");
            takeOther.setOnAction(event -> ask(
                    () -> {
                        notes.takeOther(first);
                        return true;
                    },
                    done -> {}));
        }
    }

    // ---- Writing

    private void saveUnless(boolean focused) {
        if (!focused) {
            save();
        }
    }

    private void save() {
        String newTitle = title.getText();
        String newBody = body.getText();
        write(id -> {
            notes.rename(id, newTitle);
            notes.rewrite(id, newBody);
        });
    }

    private void write(Consumer<String> work) {
        String id = shown;
        if (id != null) {
            ask(
                    () -> {
                        work.accept(id);
                        return true;
                    },
                    done -> {});
        }
    }

    /** Asks away from JavaFX's thread, and gives the answer on it. */
    private <T> void ask(Supplier<T> question, Consumer<T> answer) {
        writer.execute(() -> {
            try {
                T result = question.get();
                Platform.runLater(() -> answer.accept(result));
            } catch (SyncException e) {
                Platform.runLater(() -> status.setText(e.getMessage()));
            }
        });
    }

    // ---- The network

    private void connect(boolean on) {
        status.setText(on ? "connecting" : "offline");
        ask(
                () -> {
                    if (on) {
                        notes.online(outcome -> Platform.runLater(() -> status.setText(inWords(outcome))));
                    } else {
                        notes.offline();
                    }
                    return true;
                },
                done -> {});
    }

    private static String inWords(SyncOutcome outcome) {
        if (outcome instanceof SyncOutcome.Settled) {
            return "everybody has it";
        }
        return outcome instanceof SyncOutcome.Unreachable
                ? "the relay cannot be reached; trying again"
                : "trying again";
    }
}
