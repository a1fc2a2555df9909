// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.notes;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Waiting;
import io.anabranch.demo.view.Fx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.stage.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotesAppTest {
    @TempDir
    Path folder;

    private static List<String> titles(Scene scene) {
        ListView<?> list = (ListView<?>) scene.lookup("#notes");
        return list.getItems().stream().map(note -> ((Notes.Note) note).title()).toList();
    }

    private static Scene shown(NotesApp app, int device) {
        return Fx.on(() -> {
            Stage stage = new Stage();
            stage.setScene(app.scene(device));
            stage.show();
            return stage.getScene();
        });
    }

    @Test
    void whatIsWrittenInOneWindowShowsInTheOther() throws IOException {
        Fx.start();
        try (NotesApp app = NotesApp.open(folder)) {
            Scene laptop = shown(app, 0);
            Scene phone = shown(app, 1);
            Fx.run(() -> ((Button) laptop.lookup("#add")).fire());
            Waiting.until(() -> Fx.on(() -> titles(phone)).equals(List.of("New note")), () -> "nothing came");
            Fx.run(() -> {
                TextField title = (TextField) phone.lookup("#title");
                title.setText("Shopping");
                title.fireEvent(new javafx.event.ActionEvent());
            });
            Waiting.until(() -> Fx.on(() -> titles(laptop)).equals(List.of("Shopping")), () -> "no title came");
            Fx.run(() -> laptop.getWindow().hide());
            Fx.run(() -> phone.getWindow().hide());
        }
    }

    @Test
    void theWholeAppIsShortEnoughToBeCopied() throws IOException {
        long lines = 0;
        try (Stream<Path> files = Files.list(Path.of("src/main/java/io/anabranch/demo/notes"))) {
            for (Path file : files.toList()) {
                lines += Files.readAllLines(file).size();
            }
        }
        assertThat(lines).isBetween(100L, 500L);
    }
}
