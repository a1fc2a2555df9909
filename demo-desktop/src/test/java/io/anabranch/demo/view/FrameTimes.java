// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javafx.animation.AnimationTimer;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import org.junit.jupiter.api.Test;

/**
 * How long frames take while much happens, drawn into memory by software alone; printed. No part of the usual run:
 * {@code mvn test -pl demo-desktop -am -Dtest=FrameTimes -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class FrameTimes extends WindowTest {
    private static final Duration LENGTH = Duration.ofSeconds(20);
    private static final long SLOW_NANOS = 50_000_000;

    @Test
    void ofThreeBoardsWithFiveThousandRowsAndFiftyChangesASecond() {
        show(3, Topology.STAR);
        measure("4 rows, nothing written");
        window.lab().board(0).addMany(5_000);
        until(shown ->
                shown.rows("Cyn").size() == 5_004 && shown.view().settlement().isSettled());
        measure("5,004 rows, nothing written");
        Fx.run(() -> item("load").fire());
        measure("5,004 rows, 50 changes a second");
        press("#show-timeline");
        measure("the same, with the time line");
        Fx.run(() -> item("load").fire());
    }

    private MenuItem item(String id) {
        return ((MenuButton) node("#more"))
                .getItems().stream()
                        .filter(item -> id.equals(item.getId()))
                        .findFirst()
                        .orElseThrow();
    }

    private void measure(String what) {
        List<Long> at = Collections.synchronizedList(new ArrayList<>());
        AnimationTimer timer = new AnimationTimer() {
            @Override
            public void handle(long now) {
                at.add(System.nanoTime());
            }
        };
        int before = window.lab().timeline().size();
        Fx.run(timer::start);
        long until = System.nanoTime() + LENGTH.toNanos();
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime()); // It may return early.
        }
        Fx.run(timer::stop);
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < at.size(); i++) {
            gaps.add(at.get(i) - at.get(i - 1));
        }
        long slow = gaps.stream().filter(gap -> gap > SLOW_NANOS).count();
        Collections.sort(gaps);
        System.out.printf(
                "%-40s %4d change sets, %4.1f frames a second, one after the other: median %.0f, 95 %% %.0f, 99 %% %.0f, longest %.0f ms; %d over 50 ms%n",
                what,
                window.lab().timeline().size() - before,
                gaps.size() / (double) LENGTH.toSeconds(),
                millis(gaps, 0.5),
                millis(gaps, 0.95),
                millis(gaps, 0.99),
                millis(gaps, 1),
                slow);
    }

    private static double millis(List<Long> sorted, double part) {
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(sorted.size() * part))) / 1e6;
    }
}
