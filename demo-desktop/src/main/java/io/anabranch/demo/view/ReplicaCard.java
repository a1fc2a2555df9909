// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.BoardFeed;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabReplica;
import io.anabranch.demo.lab.LabView;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javafx.css.PseudoClass;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.scene.shape.Rectangle;
import org.jspecify.annotations.Nullable;

/** One replica on the screen: its switches, where it stands, its board and its inbox. */
final class ReplicaCard extends VBox {
    private static final double WIDTH = 304;
    private static final double NARROW = 366;
    private static final PseudoClass WRONG = PseudoClass.getPseudoClass("wrong");

    private final Lab lab;
    private final LabReplica replica;
    private final Actions actions;
    private final Supplier<Palette> palette;

    private final Rectangle mark = new Rectangle(12, 12);
    private final Label state = new Label();
    private final Switch network;
    private final VectorBars bars = new VectorBars();
    private final Label lagBeside = new Label();
    private final Label lagBelow = new Label();
    private final Tooltip lagInWords = new Tooltip();
    private final ClockDial clock;
    private final MenuItem process = new MenuItem();
    private final Pills<Boolean> tabs = new Pills<>(this::showInbox);
    private final ToggleButton showInbox;
    private final BoardTable table;
    private final Inbox inbox;
    private final BoardTools tools;
    private final Label problem = new Label();
    private final Button start = new Button("Start it again");
    private final VBox down = new VBox(4, problem, start);
    private boolean isShowing;

    ReplicaCard(Lab lab, LabReplica replica, Actions actions, Supplier<Palette> palette) {
        this.lab = lab;
        this.replica = replica;
        this.actions = actions;
        this.palette = palette;
        network = new Switch(replica.name() + "'s network, on or off. The app goes on either way.");
        getStyleClass().add("card");
        setId("card-" + replica.name());
        setSpacing(6);
        setPadding(new Insets(8));
        setMinWidth(WIDTH);
        setPrefWidth(WIDTH); // All grow alike, whatever is written in them.
        clock = new ClockDial(replica);
        Board board = lab.board(replica);
        table = new BoardTable(
                (id, column, text) -> actions.run(() -> board.set(id, column, text)),
                (id, next) -> actions.run(() -> board.moveBefore(id, next)));
        table.setId("board-" + replica.name());
        table.setAccessibleText(replica.name() + "'s board");
        tools = new BoardTools(lab, replica, table, actions);
        tabs.add(false, "Board").setId("show-board-" + replica.name());
        showInbox = tabs.add(true, "Inbox");
        showInbox.setId("show-inbox-" + replica.name());
        inbox = new Inbox(replica, lab.names(), table::title, actions);
        problem.setWrapText(true);
        problem.getStyleClass().addAll("empty", "danger-text");
        problem.setId("problem-" + replica.name());
        start.getStyleClass().add("small");
        start.setId("start-" + replica.name());
        start.setOnAction(event -> actions.run(() -> lab.restart(replica)));
        down.setAlignment(Pos.CENTER);
        down.getStyleClass().add("down");
        StackPane middle = new StackPane(table, inbox, down);
        VBox.setVgrow(middle, Priority.ALWAYS);
        getChildren().addAll(header(), standing(), middle, tools);
        showInbox(false);
    }

    // ---- Made once

    private HBox header() {
        Label name = new Label(replica.name());
        name.getStyleClass().add("card-name");
        name.setMinWidth(Region.USE_PREF_SIZE);
        state.setMinWidth(Region.USE_PREF_SIZE);
        mark.setArcWidth(4);
        mark.setArcHeight(4);
        state.getStyleClass().add("muted");
        network.setId("network-" + replica.name());
        network.selectedProperty().addListener((any, was, on) -> {
            if (!isShowing) {
                actions.run(() -> lab.online(replica, on));
            }
        });
        process.setOnAction(event -> actions.run(() -> {
            if (replica.isUp()) {
                lab.crash(replica);
            } else {
                lab.restart(replica);
            }
        }));
        MenuItem copy = new MenuItem("Clone: a replica over a copy of this file");
        copy.setOnAction(event -> actions.run(() -> {
            if (lab.clone(replica) == null) {
                throw new Board.BadInput("There are six replicas already; remove one first.");
            }
        }));
        MenuItem gone = new MenuItem("Remove from the lab, with its file");
        gone.setOnAction(event -> actions.run(() -> lab.remove(replica)));
        process.setId("crash-" + replica.name());
        copy.setId("clone-" + replica.name());
        gone.setId("remove-" + replica.name());
        MenuButton more = new MenuButton("More", null, process, copy, gone);
        more.getStyleClass().add("small");
        more.setMinWidth(Region.USE_PREF_SIZE);
        more.setId("more-" + replica.name());
        HBox header = new HBox(8, mark, name, state, ControlBar.spacer(), clock, network, more);
        header.setAlignment(Pos.CENTER_LEFT);
        return header;
    }

    /** On a narrow card there is no room beside the bars to say in words what it lacks. */
    private VBox standing() {
        HBox standing = new HBox(8, bars, lagBeside, ControlBar.spacer(), tabs);
        standing.setAlignment(Pos.CENTER_LEFT);
        lagBelow.textProperty().bind(lagBeside.textProperty());
        lagBelow.visibleProperty().bind(widthProperty().lessThan(NARROW));
        lagBeside.visibleProperty().bind(lagBelow.visibleProperty().not());
        for (Label lag : List.of(lagBeside, lagBelow)) {
            lag.getStyleClass().add("muted");
            lag.setMinWidth(0);
            lag.setTooltip(lagInWords);
            lag.managedProperty().bind(lag.visibleProperty());
        }
        return new VBox(standing, lagBelow);
    }

    // ---- What is shown

    void showInbox(boolean on) {
        tabs.show(on);
        table.setVisible(!on);
        inbox.setVisible(on);
    }

    void show(LabView.ReplicaView view, VersionVector highest) {
        isShowing = true;
        network.setSelected(view.isSwitchedOn());
        isShowing = false;
        mark.setFill(palette.get().of(view.number()));
        state.setText(!view.isUp() ? "down" : view.isSwitchedOn() ? "online" : "offline");
        state.pseudoClassStateChanged(WRONG, !view.isUp() || !view.isSwitchedOn());
        process.setText(view.isUp() ? "Crash: kill its process" : "Start its process again");
        clock.show(view.clockOffset());
        bars.show(view, highest, lab.names(), palette.get());
        String lacks = view.behind().entrySet().stream()
                .map(entry -> entry.getValue() + " of " + entry.getKey())
                .collect(Collectors.joining(", "));
        lagBeside.setText(lacks.isEmpty() ? "lacks nothing" : "lacks " + lacks);
        lagInWords.setText("Change sets that others hold and " + replica.name() + " does not.\n" + view.unsent()
                + " of its own have not reached any peer that it asks.");
        inbox.show(view.conflicts());
        int conflicts = view.conflicts().size();
        showInbox.setText(conflicts == 0 ? "Inbox" : "Inbox " + conflicts);
        showProblem(view.problem(), view.isUp());
    }

    private void showProblem(@Nullable String sentence, boolean isUp) {
        down.setVisible(!isUp);
        problem.setText(sentence != null ? sentence : replica.name() + " crashed. Its file is as the crash left it.");
        tools.setDisable(!isUp);
    }

    void apply(BoardFeed.Update update, long nowNanos) {
        table.apply(update, lab.names(), nowNanos);
    }

    void frame(long nowNanos) {
        table.frame(nowNanos);
    }

    BoardTable table() {
        return table;
    }

    LabReplica replica() {
        return replica;
    }
}
