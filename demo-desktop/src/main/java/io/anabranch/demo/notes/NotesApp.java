// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.notes;

import atlantafx.base.theme.PrimerLight;
import io.anabranch.demo.lab.Folders;
import io.anabranch.demo.view.Icon;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javafx.application.Application;
import javafx.scene.Scene;
import javafx.stage.Stage;

/** The notes app, twice: two windows with a file each, as on two devices, and a relay between them. */
public final class NotesApp implements AutoCloseable {
    private final RelayServer relay;
    private final List<Notes> devices;
    private final Runnable atEnd;

    private NotesApp(RelayServer relay, List<Notes> devices, Runnable atEnd) {
        this.relay = relay;
        this.devices = devices;
        this.atEnd = atEnd;
    }

    /** As {@link #open(Path)}, in a folder that goes when the app is closed. */
    public static NotesApp temporary() {
        Path folder = Folders.temporary("anabranch-notes");
        return open(folder, () -> Folders.delete(folder));
    }

    /** Starts a relay on any free port, and opens two files in {@code folder}, made if they are missing. */
    public static NotesApp open(Path folder) {
        Folders.prepare(folder, "The notes", "Choose another folder with --data.");
        return open(folder, () -> {});
    }

    private static NotesApp open(Path folder, Runnable atEnd) {
        RelayServer relay =
                RelayServer.start(new ServerOptions(ServerOptions.DEFAULT_HOST, 0, folder.resolve("relay.db")));
        Notes laptop = new Notes(folder.resolve("laptop.db"), relay.url());
        Notes phone = new Notes(folder.resolve("phone.db"), relay.url());
        return new NotesApp(relay, List.of(laptop, phone), atEnd);
    }

    /** Makes the scene of one of the two devices. */
    Scene scene(int device) {
        return new NotesWindow(devices.get(device)).scene();
    }

    /** Shows both windows side by side, and returns them. On JavaFX's thread. */
    public List<Stage> show() {
        List<Stage> windows = new ArrayList<>();
        Application.setUserAgentStylesheet(new PrimerLight().getUserAgentStylesheet());
        for (int device = 0; device < devices.size(); device++) {
            Stage stage = new Stage();
            stage.setTitle(device == 0 ? "Notes on the laptop" : "Notes on the phone");
            stage.getIcons().add(Icon.image(64));
            stage.setScene(scene(device));
            stage.setX(10 + device * 640);
            stage.setY(120);
            stage.show();
            windows.add(stage);
        }
        return windows;
    }

    @Override
    public void close() {
        devices.forEach(Notes::close);
        relay.close();
        atEnd.run();
    }
}
