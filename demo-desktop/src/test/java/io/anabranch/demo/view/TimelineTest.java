// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.Topology;
import io.anabranch.demo.lab.Waiting;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javafx.scene.control.Labeled;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.Test;

class TimelineTest extends WindowTest {
    private List<String> detail() {
        return node("#change-set").lookupAll(".label").stream()
                .map(label -> ((Labeled) label).getText())
                .toList();
    }

    @Test
    void aClickOnAChangeSetShowsItsOperationsAndItsContext() {
        show(2, Topology.STAR);
        Lab lab = window.lab();
        lab.board(1).addStock("mug", -2);
        untilSettled();
        Dot dot = new Dot(lab.replica(1).origin(), 1);
        press("#show-timeline");
        until(shown -> lab.timeline().find(dot) != null && timeline().place(dot) != null);
        robot.clickOn(Fx.on(() -> Objects.requireNonNull(timeline().place(dot))));
        untilDetail("Bob's change set 1", "New to its writer: .*Ann up to 4[,.].*", "edit Blue mug: stock - 2");
        robot.type(KeyCode.LEFT);
        untilDetail("Ann's change set 4", "insert Fountain pen: .*");
    }

    private void untilDetail(String... patterns) {
        Waiting.until(
                () -> Fx.on(() -> Stream.of(patterns)
                        .allMatch(pattern -> detail().stream().anyMatch(line -> line.matches(pattern)))),
                () -> Fx.on(() -> detail().toString()));
    }

    private TimelineView timeline() {
        return (TimelineView) node("#timeline");
    }
}
