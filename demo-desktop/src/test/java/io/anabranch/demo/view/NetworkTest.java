// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabReplica;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.lab.Waiting;
import java.util.Objects;
import javafx.geometry.Point2D;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.Test;

/** What people do to the network, in the drawing and in the list beside it. */
class NetworkTest extends WindowTest {
    private Point2D onScreen(String party) {
        return Fx.on(() -> {
            NetworkView drawing = (NetworkView) node("#network");
            return drawing.localToScreen(Objects.requireNonNull(drawing.place(party), party));
        });
    }

    @Test
    void twoAreLinkedByDraggingAndCutByAClick() {
        show(3, Topology.STAR);
        press("#topology-OWN");
        until(shown -> shown.view().links().isEmpty() && shown.lab().topology() == Topology.OWN);
        robot.drag(onScreen("Ann")).dropTo(onScreen("Bob"));
        until(shown -> shown.view().links().size() == 1);
        assertThat(window.lab().links().get(0).pair()).isEqualTo(new Topology.Pair("Ann", "Bob"));
        window.lab().board(0).like("mug");
        until(shown -> shown.rows("Bob").contains("Blue mug|24|1|kitchen|6|"));
        robot.clickOn(onScreen("Ann").midpoint(onScreen("Bob")));
        until(shown -> !shown.view().links().get(0).isOn());
        robot.clickOn(onScreen("Ann").midpoint(onScreen("Bob")));
        until(shown -> shown.view().links().get(0).isOn());
    }

    @Test
    void linksAreCutDialledAndMadeByKeyboard() {
        show(2, Topology.STAR);
        focus("#link-Ann-Relay");
        robot.type(KeyCode.SPACE);
        until(shown -> !shown.view().links().get(0).isOn());
        focus("#latency-Ann-Relay");
        robot.type(KeyCode.RIGHT);
        until(shown -> shown.view().links().get(0).latencyMillis() > 0);
        focus("#loss-Bob-Relay");
        robot.type(KeyCode.RIGHT);
        until(shown -> shown.view().links().get(1).lossPercent() > 0);
        press("#link");
        until(shown -> shown.view().links().size() == 3
                && shown.view().links().get(2).pair().equals(new Topology.Pair("Ann", "Bob")));
    }

    @Test
    void aTopologyIsOneClickOrOneKey() {
        show(2, Topology.STAR);
        press("#topology-RING");
        press("#add-replica");
        until(shown ->
                shown.view().replicas().size() == 3 && shown.view().links().size() == 3);
        focus("#topology-RING");
        robot.type(KeyCode.RIGHT);
        until(shown -> shown.lab().topology() == Topology.ALL);
        until(shown -> shown.rows("Cyn").size() == 4);
    }

    @Test
    void aRelayThatDiesIsASentenceAndEditingGoesOn() {
        show(2, Topology.STAR);
        press("#relay-switch");
        until(shown -> shown.problem().startsWith("The relay is down."));
        window.lab().board(0).like("mug");
        until(shown -> shown.rows("Ann").contains("Blue mug|24|1|kitchen|6|"));
        assertThat(Fx.on(() -> window.problem())).startsWith("The relay is down.");
        press("#heal");
        until(shown -> shown.problem().isEmpty() && shown.view().settlement().isSettled());
    }

    @Test
    void chaosIsStoppedAndHealedByTheirButtons() {
        show(2, Topology.ALL);
        int before = window.lab().timeline().size();
        press("#chaos");
        until(shown -> shown.lab().timeline().size() > before + 5);
        press("#chaos");
        press("#heal");
        until(shown -> shown.view().settlement().isSettled()
                && shown.view().links().get(0).isOpen()
                && shown.rows("Ann").equals(shown.rows("Bob")));
    }

    @Test
    void theWindowIsClosedWhileChaosRuns() {
        show(2, Topology.ALL);
        Lab lab = window.lab();
        int before = lab.timeline().size();
        press("#chaos");
        until(shown -> lab.timeline().size() > before + 5);
        Fx.run(() -> window.close());
        Waiting.until(
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().matches("lab-(chaos|watch|link-.*)")),
                () -> Thread.getAllStackTraces().keySet().toString());
        assertThat(lab.replicas()).hasSize(2).noneMatch(LabReplica::isUp);
    }
}
