// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabView;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.lab.Waiting;
import java.util.List;
import java.util.function.Predicate;
import javafx.scene.Node;
import javafx.scene.control.ButtonBase;
import javafx.stage.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.testfx.api.FxRobot;

/** What tests of the lab's window share: the window, drawn into memory, and what people do in it. */
abstract class WindowTest {
    final FxRobot robot = new FxRobot();
    LabWindow window;
    private Stage stage;

    @BeforeEach
    void open() {
        Fx.start();
        window = Fx.on(() -> new LabWindow(progress -> Lab.temporary()));
        stage = Fx.on(() -> {
            Stage made = new Stage();
            made.setScene(window.scene());
            made.show();
            return made;
        });
    }

    @AfterEach
    void close() {
        if (window != null) {
            Fx.run(() -> stage.hide());
            Fx.run(() -> window.close());
        }
    }

    final void show(int replicas, Topology topology) {
        Lab lab = Lab.temporary();
        lab.begin(replicas, topology);
        Fx.run(() -> window.show(lab));
        untilSettled();
        until(shown -> shown.rows("Ann").size() == 4); // Shown a frame later.
    }

    final void until(Predicate<LabWindow> condition) {
        Waiting.until(() -> Fx.on(() -> condition.test(window)), () -> Fx.on(() -> window.view() + window.problem()));
    }

    final void untilSettled() {
        until(shown -> shown.view().settlement().isSettled());
    }

    /** Rows as text: title, stock, likes, tags, prices, cart. */
    final void untilAllShow(String... rows) {
        until(shown -> shown.view().settlement().isSettled()
                && shown.view().replicas().stream()
                        .map(LabView.ReplicaView::name)
                        .allMatch(name -> shown.rows(name).equals(List.of(rows))));
    }

    /** Returns the first words of a board's rows. */
    static List<String> titles(LabWindow window, String replica) {
        return window.rows(replica).stream()
                .map(row -> row.substring(0, row.indexOf('|')))
                .toList();
    }

    final void press(String id) {
        Fx.run(() -> ((ButtonBase) node(id)).fire());
    }

    final void focus(String id) {
        Fx.run(() -> node(id).requestFocus());
    }

    final Node node(String id) {
        Node node = window.scene().lookup(id);
        assertThat(node).as(id).isNotNull();
        return node;
    }

    /** Selects a cell of a replica's board, and gives that the focus. */
    final void selectCell(String replica, int row, int column) {
        Fx.run(() -> {
            BoardTable table = (BoardTable) node("#board-" + replica);
            table.requestFocus();
            table.getSelectionModel().clearAndSelect(row, table.getColumns().get(column));
        });
    }
}
