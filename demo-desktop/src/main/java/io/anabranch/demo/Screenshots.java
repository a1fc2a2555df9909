// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.Folders;
import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.story.Stories;
import io.anabranch.demo.story.Story;
import io.anabranch.demo.view.LabWindow;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.scene.image.PixelFormat;
import javafx.scene.image.WritableImage;
import javafx.stage.Stage;
import javax.imageio.ImageIO;

/** The pictures of the documentation, made without a display. */
final class Screenshots {
    private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();
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
        Platform.setImplicitExit(false);
        start();
        LabWindow window = onFx(() -> {
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
        onFx(() -> {
            window.close();
            return true;
        });
    }

    private static void start() throws InterruptedException {
        CompletableFuture<Boolean> started = new CompletableFuture<>();
        Platform.startup(() -> started.complete(true));
        started.join();
    }

    /** Does something on JavaFX's thread. What it draws letters with is loaded with the first of them. */
    private static <T> T onFx(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Platform.runLater(() -> {
            try {
                result.complete(work.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LinkageError) {
                throw new IllegalStateException(
                        "JavaFX cannot draw letters here (" + e.getCause().getMessage()
                                + "); on Debian install libpangoft2-1.0-0 and fonts-dejavu-core",
                        e);
            }
            throw e;
        }
    }

    // ---- What is on them

    private void story(Story story) throws IOException, InterruptedException {
        onFx(() -> {
            window.play(story);
            return true;
        });
        await(
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
        onFx(() -> {
            window.show(lab);
            return true;
        });
        await("the replicas did not settle", () -> window.view().settlement().isSettled());
        lab.online(lab.replica(1), false);
        lab.board(0).set("mug", Item.Column.TITLE, "Sea-blue mug");
        lab.board(0).set("tea", Item.Column.TAGS, "kitchen, organic, new");
        Thread.sleep(20);
        lab.board(1).set("mug", Item.Column.TITLE, "Navy mug");
        lab.board(1).addStock("lamp", -2);
        lab.board(0).addStock("lamp", -3);
        lab.board(2).like("lamp");
        lab.online(lab.replica(1), true);
        await("the replicas did not settle", () -> window.view().settlement().isSettled());
        lab.online(lab.replica(2), false);
        Objects.requireNonNull(lab.link(new Topology.Pair("Ann", "Bob"))).latencyMillis(SYNC_LATENCY_MILLIS);
        Board ann = lab.board(0);
        ann.putInCart("pen", "Ann");
        await("Bob did not hear of the cart", () -> item(lab, 1, "pen").cart().equals("Ann 1"));
        lab.board(1).set("tea", Item.Column.PRICE, "4.5");
        lab.board(2).set("tea", Item.Column.PRICE, "3.95");
        await(
                "Bob's price did not arrive",
                () -> item(lab, 0, "tea").prices().get(0).equals("4.5"));
        ann.add("Paper lantern", 12, 8.5);
        ann.addStock("mug", -1);
        await("nothing is lit up", () -> window.rows("Bob").stream().anyMatch(row -> row.startsWith("Paper lantern")));
        take("lab-light.png");
        onFx(() -> {
            window.dark(true);
            window.showInbox("Ann", true);
            return true;
        });
        lab.board(1).like("mug");
        await("the inbox is empty", () -> window.rows("Ann").stream().anyMatch(row -> row.startsWith("Navy mug|23|1")));
        take("lab-dark.png");
        onFx(() -> {
            window.dark(false);
            window.showInbox("Ann", false);
            window.showTimeline(true);
            return true;
        });
        lab.online(lab.replica(2), true);
        await("the replicas did not settle", () -> window.view().settlement().isSettled() && window.isStill());
        Dot last = lab.timeline().events().get(lab.timeline().size() - 1).dot();
        onFx(() -> {
            window.select(last);
            return true;
        });
        await("the change set is not shown", window::isChangeSetShown);
        take("timeline.png");
    }

    private static Item item(Lab lab, int replica, String id) {
        return Objects.requireNonNull(lab.board(replica).find(id), id);
    }

    private static void await(String otherwise, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE_NANOS;
        while (!onFx(condition::getAsBoolean)) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("cannot make the pictures: " + otherwise + " in two minutes");
            }
            Thread.sleep(30);
        }
    }

    private void take(String name) throws IOException {
        onFx(() -> true); // Another frame, for what was just shown.
        WritableImage image = onFx(() -> window.scene().snapshot(null));
        int width = (int) image.getWidth();
        int height = (int) image.getHeight();
        int[] pixels = new int[width * height];
        image.getPixelReader().getPixels(0, 0, width, height, PixelFormat.getIntArgbInstance(), pixels, 0, width);
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        picture.setRGB(0, 0, width, height, pixels, 0, width);
        Path file = folder.resolve(name);
        ImageIO.write(picture, "png", file.toFile());
        System.out.println(file);
    }
}
