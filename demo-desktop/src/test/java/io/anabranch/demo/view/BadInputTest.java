// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Progress;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.lab.Waiting;
import io.anabranch.demo.story.Stories;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Function;
import java.util.function.Predicate;
import javafx.scene.control.Labeled;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the way is a sentence in the window, and everything else goes on. */
class BadInputTest {
    @TempDir
    Path folder;

    private LabWindow window;
    private Stage stage;

    @BeforeEach
    void start() {
        Fx.start();
    }

    @AfterEach
    void close() {
        if (window != null) {
            Fx.run(() -> stage.hide());
            Fx.run(() -> window.close());
        }
    }

    private void begin(Function<Progress, Lab> open) {
        window = Fx.on(() -> new LabWindow(open));
        stage = Fx.on(() -> {
            Stage made = new Stage();
            made.setScene(window.scene());
            made.show();
            return made;
        });
        Fx.run(() -> window.begin());
    }

    private static Lab open(Path folder, int port, Progress progress) {
        Lab lab = Lab.open(folder, port);
        lab.begin(2, Topology.STAR, progress);
        return lab;
    }

    private void until(Predicate<LabWindow> condition) {
        Waiting.until(() -> Fx.on(() -> condition.test(window)), () -> Fx.on(() -> window.view() + window.problem()));
    }

    @Test
    void aFolderThatCannotBeWrittenIsASentenceAndStoriesStillPlay() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        begin(progress -> Lab.open(file.resolve("lab"), 0));
        until(shown -> shown.problem().contains("Choose another folder with --data."));
        Fx.run(() -> window.play(Stories.all().get(1)));
        until(shown -> shown.view().settlement().isSettled());
    }

    @Test
    void aPortInUseIsASentenceAndOtherTopologiesWork() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            begin(progress -> open(folder, taken.getLocalPort(), progress));
            until(shown -> shown.problem().startsWith("The relay does not run: it cannot listen on"));
            window.lab().shape(Topology.RING);
            until(shown ->
                    shown.problem().isEmpty() && shown.view().settlement().isSettled());
        }
    }

    @Test
    void aFileOfAnotherVersionIsASentenceOnItsCardAndTheOthersGoOn() throws SQLException {
        try (Lab first = open(folder, 0, new Progress())) {
            Waiting.untilSettled(first);
        }
        try (Connection file = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("bob.db"));
                Statement statement = file.createStatement()) {
            statement.executeUpdate("UPDATE _ab_meta SET value = 999 WHERE name = 'format'");
        }
        begin(progress -> open(folder, 0, progress));
        until(shown -> shown.scene().lookup("#problem-Bob") instanceof Labeled problem
                && problem.getText().startsWith("Bob does not run: ")
                && problem.getText().contains("bob.db"));
        window.lab().board(0).like("mug");
        until(shown -> shown.rows("Ann").contains("Blue mug|24|1|kitchen|6|"));
        assertThat(Fx.on(() -> window.view().replicas().get(1).isUp())).isFalse();
    }
}
