// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.Folders;
import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.notes.NotesApp;
import io.anabranch.demo.story.Stories;
import io.anabranch.demo.story.Story;
import io.anabranch.demo.view.LabWindow;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import javafx.event.ActionEvent;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.ListView;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.stage.Stage;

/** The pictures of the documentation, made without a display. */
final class Screenshots {
    private static final int SYNC_LATENCY_MILLIS = 250;

    private final Path folder;
    private final LabWindow window;

    private Screenshots(Path folder, LabWindow window) {
        this.folder = folder;
        this.window = window;
    }

    /** Writes a picture of each story's last step; without stories, of the lab in light and dark and of the time line. */
    static void write(Path folder, List<Integer> stories, boolean dark) throws IOException, InterruptedException {
        Folders.prepare(folder, "Pictures", "Name another folder.");
        Headless.start();
        LabWindow window = Headless.on(() -> {
            LabWindow made = new LabWindow(progress -> Lab.temporary());
            made.dark(dark);
            made.stories().pause(Duration.ofMillis(300));
            Stage stage = new Stage();
            stage.setScene(made.scene());
            stage.show();
            return made;
        });
        Screenshots pictures = new Screenshots(folder, window);
        if (stories.isEmpty()) {
            pictures.lab();
        }
        for (int number : stories) {
            pictures.story(Stories.all().get(number - 1));
        }
        Headless.on(() -> {
            window.close();
            return true;
        });
    }

    /** Writes a picture of both windows of the notes app, with a note in them. */
    static void writeNotes(Path folder) throws IOException, InterruptedException {
        Folders.prepare(folder, "Pictures", "Name another folder.");
        Headless.start();
        try (NotesApp app = NotesApp.temporary()) {
            List<Scene> windows =
                    Headless.on(() -> app.show().stream().map(Stage::getScene).toList());
            note(windows.get(0), windows.get(1), "Packing list", "Tent, stove, two mugs, the good map");
            note(windows.get(1), windows.get(0), "Trains", "08:12 from platform 4");
            Headless.write(folder.resolve("notes.png"), windows);
            Headless.run(() -> windows.forEach(window -> window.getWindow().hide()));
        }
    }

    /** Writes a note in one window, and waits until the other one shows it. */
    private static void note(Scene here, Scene there, String title, String body) throws InterruptedException {
        int notes = Headless.on(() -> list(there).size());
        Headless.run(() -> ((Button) here.lookup("#add")).fire());
        Headless.await(
                "the note did not come",
                () -> list(there).size() == notes + 1 && list(here).size() == notes + 1);
        Headless.await(
                "the note is not selected",
                () -> ((TextField) here.lookup("#title")).getText().equals("New note"));
        Headless.run(() -> {
            TextField name = (TextField) here.lookup("#title");
            ((TextArea) here.lookup("#body")).setText(body);
            name.setText(title);
            name.fireEvent(new ActionEvent());
        });
        Headless.await(
                "the title did not come",
                () -> list(there).toString().contains(title)
                        && list(there).toString().contains(body));
    }

    private static List<?> list(Scene scene) {
        return ((ListView<?>) scene.lookup("#notes")).getItems();
    }

    // ---- What is on them

    private void story(Story story) throws IOException, InterruptedException {
        Headless.on(() -> {
            window.play(story);
            return true;
        });
        Headless.await(
                "story " + story.number() + " did not end",
                () -> !window.stories().playing().get()
                        && window.view().settlement().isSettled()
                        && window.isStill());
        if (!window.problem().isEmpty()) {
            throw new IllegalStateException(window.problem());
        }
        take("story-" + story.number() + ".png");
    }

    /** A lab at work: one replica is offline, one link is slow, and there is something in the inbox. */
    private void lab() throws IOException, InterruptedException {
        Lab lab = Lab.temporary();
        lab.begin(3, Topology.ALL);
        Headless.on(() -> {
            window.show(lab);
            return true;
        });
        Headless.await(
                "the replicas did not settle", () -> window.view().settlement().isSettled());
        lab.online(lab.replica(1), false);
        lab.board(0).set("mug", Item.Column.TITLE, "Sea-blue mug");
        lab.board(0).set("pen", Item.Column.TAGS, "office, new");
        Thread.sleep(20);
        lab.board(1).set("mug", Item.Column.TITLE, "Navy mug");
        lab.board(1).addStock("lamp", -2);
        lab.board(0).addStock("lamp", -3);
        lab.board(2).like("lamp");
        lab.online(lab.replica(1), true);
        Headless.await(
                "the replicas did not settle", () -> window.view().settlement().isSettled());
        lab.online(lab.replica(2), false);
        Objects.requireNonNull(lab.link(new Topology.Pair("Ann", "Bob"))).latencyMillis(SYNC_LATENCY_MILLIS);
        Board ann = lab.board(0);
        ann.putInCart("pen", "Ann");
        Headless.await(
                "Bob did not hear of the cart", () -> item(lab, 1, "pen").cart().equals("Ann 1"));
        lab.board(1).set("tea", Item.Column.PRICE, "4.5");
        lab.board(2).set("tea", Item.Column.PRICE, "3.95");
        Headless.await(
                "Bob's price did not arrive",
                () -> item(lab, 0, "tea").prices().get(0).equals("4.5"));
        ann.add("Paper lantern", 12, 8.5);
        ann.addStock("mug", -1);
        Headless.await(
                "nothing is lit up",
                () -> window.rows("Bob").stream().anyMatch(row -> row.startsWith("Paper lantern")));
        take("lab-light.png");
        Headless.on(() -> {
            window.dark(true);
            window.showInbox("Ann", true);
            return true;
        });
        lab.board(1).like("mug");
        Headless.await(
                "the inbox is empty",
                () -> window.rows("Ann").stream().anyMatch(row -> row.startsWith("Navy mug|23|1")));
        take("lab-dark.png");
        Headless.on(() -> {
            window.dark(false);
            window.showInbox("Ann", false);
            window.showTimeline(true);
            return true;
        });
        lab.online(lab.replica(2), true);
        Headless.await(
                "the replicas did not settle", () -> window.view().settlement().isSettled() && window.isStill());
        Dot last = lab.timeline().events().get(lab.timeline().size() - 1).dot();
        Headless.on(() -> {
            window.select(last);
            return true;
        });
        Headless.await("the change set is not shown", window::isChangeSetShown);
        take("timeline.png");
    }

    private static Item item(Lab lab, int replica, String id) {
        return Objects.requireNonNull(lab.board(replica).find(id), id);
    }

    private void take(String name) throws IOException {
        Headless.write(folder.resolve(name), List.of(window.scene()));
    }
}
