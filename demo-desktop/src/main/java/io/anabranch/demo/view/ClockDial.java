// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import atlantafx.base.controls.Popover;
import io.anabranch.demo.lab.LabClock;
import io.anabranch.demo.lab.LabReplica;
import java.time.Duration;
import javafx.geometry.Insets;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Slider;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

/** How wrong a replica's clock is, on a button that opens the dial. */
final class ClockDial extends Button {
    private static final int DAYS_A_YEAR = 365;

    private final LabReplica replica;

    ClockDial(LabReplica replica) {
        this.replica = replica;
        getStyleClass().add("small");
        setMinWidth(Region.USE_PREF_SIZE);
        setId("clock-" + replica.name());
        setTooltip(new Tooltip("Set this replica's clock wrong, by up to ten years"));
        setOnAction(event -> open());
        show(replica.clock().offset());
    }

    private void open() {
        Label label = new Label("Years that " + replica.name() + "'s clock is wrong by");
        Slider years = new Slider(
                -LabClock.MOST_YEARS, LabClock.MOST_YEARS, years(replica.clock().offset()));
        years.setMajorTickUnit(5);
        years.setMinorTickCount(4);
        years.setShowTickMarks(true);
        years.setShowTickLabels(true);
        years.setSnapToTicks(true);
        years.setBlockIncrement(1);
        years.setPrefWidth(300);
        years.setId("years-" + replica.name());
        years.setAccessibleText(label.getText());
        years.valueProperty().addListener((any, was, now) -> {
            replica.clock().dial(Duration.ofDays(Math.round(now.doubleValue()) * DAYS_A_YEAR));
            show(replica.clock().offset());
        });
        VBox box = new VBox(8, label, years);
        box.setPadding(new Insets(8));
        Popover popover = new Popover(box);
        popover.setArrowLocation(Popover.ArrowLocation.TOP_CENTER);
        popover.setDetachable(false);
        popover.setOnShown(event -> years.requestFocus());
        popover.show(this);
    }

    private static long years(Duration offset) {
        return Math.round(offset.toDays() / (double) DAYS_A_YEAR);
    }

    /** Says how wrong the clock is, in whole years or in days. */
    void show(Duration offset) {
        long days = offset.toDays();
        setText(
                days == 0
                        ? "Clock"
                        : Math.abs(days) < DAYS_A_YEAR ? "%+d days".formatted(days) : "%+d y".formatted(years(offset)));
        if (getStyleClass().contains("danger") != (days != 0)) {
            getStyleClass().removeIf("danger"::equals);
            if (days != 0) {
                getStyleClass().add("danger");
            }
        }
    }
}
