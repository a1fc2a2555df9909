// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import atlantafx.base.controls.Popover;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.demo.lab.Board;
import io.anabranch.demo.lab.BoardFeed;
import io.anabranch.demo.lab.Explain;
import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabClock;
import io.anabranch.demo.lab.LabReplica;
import io.anabranch.demo.lab.LabView;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.MenuButton;
import javafx.scene.control.MenuItem;
import javafx.scene.control.Slider;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.scene.shape.Rectangle;
import org.jspecify.annotations.Nullable;

/** One replica on the screen: its switches, where it stands, its board and its inbox. */
final class ReplicaCard extends VBox {
    private final Lab lab;
    private final LabReplica replica;
    private final Board board;
    private final Actions actions;
    private final Supplier<Palette> palette;

    private final Rectangle mark = new Rectangle(12, 12);
    private final Label state = new Label();
    private final Switch network;
    private final VectorBars bars = new VectorBars();
    private final Label lag = new Label();
    private final Button clock = new Button();
    private final MenuItem process = new MenuItem();
    private final ToggleButton showBoard = new ToggleButton("Board");
    private final ToggleButton showInbox = new ToggleButton("Inbox");
    private final BoardTable table;
    private final Inbox inbox;
    private final FlowPane tools = new FlowPane(3, 3);
    private final Label problem = new Label();
    private boolean isShowing;

    ReplicaCard(Lab lab, LabReplica replica, Actions actions, Supplier<Palette> palette, Consumer<LabReplica> remove) {
        this.lab = lab;
        this.replica = replica;
        this.board = lab.board(replica);
        this.actions = actions;
        this.palette = palette;
        network = new Switch(replica.name() + "'s network, on or off. The app goes on either way.");
        getStyleClass().add("card");
        setId("card-" + replica.name());
        setSpacing(6);
        setPadding(new Insets(8));
        setMinWidth(304);
        table = new BoardTable(palette, (id, column, text) -> act(() -> board.set(id, column, text)));
        table.setId("board-" + replica.name());
        table.setAccessibleText(replica.name() + "'s board");
        inbox = new Inbox(replica, lab.names(), actions);
        problem.setWrapText(true);
        problem.getStyleClass().addAll("empty", "danger-text");
        problem.setId("problem-" + replica.name());
        StackPane middle = new StackPane(table, inbox, problem);
        VBox.setVgrow(middle, Priority.ALWAYS);
        getChildren().addAll(header(remove), standing(), middle, tools);
        addTools();
        table.addEventFilter(KeyEvent.KEY_PRESSED, this::key);
        showInbox(false);
    }

    // ---- Made once

    private HBox header(Consumer<LabReplica> remove) {
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
        clock.getStyleClass().add("small");
        clock.setMinWidth(Region.USE_PREF_SIZE);
        clock.setId("clock-" + replica.name());
        clock.setTooltip(new Tooltip("Set this replica's clock wrong, by up to ten years"));
        clock.setOnAction(event -> dialClock());
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
        gone.setOnAction(event -> remove.accept(replica));
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

    private HBox standing() {
        ToggleGroup tabs = new ToggleGroup();
        showBoard.setToggleGroup(tabs);
        showInbox.setToggleGroup(tabs);
        showBoard.getStyleClass().addAll("left-pill", "small");
        showInbox.getStyleClass().addAll("right-pill", "small");
        showInbox.setId("show-inbox-" + replica.name());
        showBoard.setOnAction(event -> showInbox(false));
        showInbox.setOnAction(event -> showInbox(true));
        lag.getStyleClass().add("muted");
        lag.setMinWidth(0);
        HBox tabsBox = new HBox(showBoard, showInbox);
        tabsBox.setAlignment(Pos.CENTER);
        tabsBox.setMinWidth(Region.USE_PREF_SIZE);
        HBox standing = new HBox(8, bars, lag, ControlBar.spacer(), tabsBox);
        standing.setAlignment(Pos.CENTER_LEFT);
        return standing;
    }

    private void addTools() {
        tools.setAlignment(Pos.CENTER_LEFT);
        tools.getChildren()
                .addAll(
                        tool("Add", "Add an item at the end", () -> board.add("New item", 1, 1)),
                        onItem("Delete", "Delete the selected item (Delete)", item -> board.delete(item.id())),
                        tool("Undo", "Take back this replica's last act (Ctrl+Z)", board::undo),
                        onItem("Up", "Move the item up (Ctrl+Up)", item -> board.move(item.id(), true)),
                        onItem("Down", "Move the item down (Ctrl+Down)", item -> board.move(item.id(), false)),
                        onItem("Sell 1", "stock = stock - 1", item -> board.addStock(item.id(), -1)),
                        onItem("Like", "likes = likes + 1", item -> board.like(item.id())));
        Button explain = new Button("Explain");
        explain.getStyleClass().addAll("small", "tight");
        explain.setMinWidth(Region.USE_PREF_SIZE);
        explain.setId("explain-" + replica.name());
        explain.setTooltip(new Tooltip("Why does the selected cell show what it shows? (F1)"));
        explain.setOnAction(event -> explain(explain));
        tools.getChildren().add(explain);
    }

    private Button tool(String text, String tip, Runnable action) {
        Button button = new Button(text);
        button.getStyleClass().addAll("small", "tight");
        button.setMinWidth(Region.USE_PREF_SIZE);
        button.setTooltip(new Tooltip(tip));
        button.setAccessibleText(replica.name() + ": " + text);
        button.setOnAction(event -> act(action));
        return button;
    }

    private Button onItem(String text, String tip, Consumer<Item> action) {
        return tool(text, tip, () -> {}, action);
    }

    private Button tool(String text, String tip, Runnable none, Consumer<Item> action) {
        Button button = tool(text, tip, none);
        button.setOnAction(event -> withSelected(action));
        return button;
    }

    // ---- What people do

    private void act(Runnable action) {
        actions.run(action);
    }

    private void withSelected(Consumer<Item> action) {
        Item item = table.selected();
        act(() -> {
            if (item == null) {
                throw new Board.BadInput("Select an item of " + replica.name() + "'s board first.");
            }
            action.accept(item);
        });
    }

    private void key(KeyEvent event) {
        if (table.getEditingCell() != null) {
            return;
        }
        KeyCombination undo = new KeyCodeCombination(KeyCode.Z, KeyCombination.SHORTCUT_DOWN);
        if (undo.match(event)) {
            act(board::undo);
        } else if (event.getCode() == KeyCode.DELETE) {
            withSelected(item -> board.delete(item.id()));
        } else if (event.isShortcutDown() && event.getCode() == KeyCode.UP) {
            withSelected(item -> board.move(item.id(), true));
        } else if (event.isShortcutDown() && event.getCode() == KeyCode.DOWN) {
            withSelected(item -> board.move(item.id(), false));
        } else if (event.getCode() == KeyCode.F1) {
            explain(table);
        } else if (event.getCode() == KeyCode.ENTER || event.getCode() == KeyCode.F2) {
            editSelected();
        } else {
            return;
        }
        event.consume();
    }

    private void editSelected() {
        if (!table.getSelectionModel().getSelectedCells().isEmpty()) {
            var cell = table.getSelectionModel().getSelectedCells().get(0);
            @SuppressWarnings("unchecked") // A column of this table.
            var column = (javafx.scene.control.TableColumn<ShopRow, ?>) cell.getTableColumn();
            table.edit(cell.getRow(), column);
        }
    }

    private void explain(Node beside) {
        Item item = table.selected();
        Item.Column column = table.selectedColumn();
        actions.ask(
                () -> {
                    if (item == null) {
                        throw new Board.BadInput("Select a cell of " + replica.name() + "'s board first.");
                    }
                    return Explain.value(replica, lab.names(), item.id(), column);
                },
                lines -> popover(column.heading() + " of " + (item == null ? "" : item.title()), lines)
                        .show(beside));
    }

    private static Popover popover(String title, List<String> lines) {
        VBox texts = new VBox(4);
        texts.setPadding(new Insets(4));
        texts.getStyleClass().add("explain");
        for (String line : lines) {
            Label label = new Label(line);
            label.setWrapText(true);
            label.setMaxWidth(380);
            texts.getChildren().add(label);
        }
        Popover popover = new Popover(texts);
        popover.setTitle(title);
        popover.setHeaderAlwaysVisible(true);
        popover.setDetachable(false);
        popover.setArrowLocation(Popover.ArrowLocation.BOTTOM_CENTER);
        return popover;
    }

    private void dialClock() {
        Slider years = new Slider(
                -LabClock.MOST_YEARS,
                LabClock.MOST_YEARS,
                yearsOff(replica.clock().offset()));
        years.setMajorTickUnit(5);
        years.setMinorTickCount(4);
        years.setShowTickMarks(true);
        years.setShowTickLabels(true);
        years.setSnapToTicks(true);
        years.setPrefWidth(300);
        years.setId("years-" + replica.name());
        years.setAccessibleText("Years that " + replica.name() + "'s clock is wrong by");
        years.valueProperty().addListener((any, was, now) -> {
            replica.clock().dial(Duration.ofDays(Math.round(now.doubleValue()) * 365));
            showClock(replica.clock().offset());
        });
        Label label = new Label("Years that " + replica.name() + "'s clock is wrong by");
        VBox box = new VBox(8, label, years);
        box.setPadding(new Insets(8));
        Popover popover = new Popover(box);
        popover.setArrowLocation(Popover.ArrowLocation.TOP_CENTER);
        popover.setDetachable(false);
        popover.show(clock);
    }

    private static long yearsOff(Duration offset) {
        return Math.round(offset.toDays() / 365.0);
    }

    private void showClock(Duration offset) {
        long days = offset.toDays();
        long years = yearsOff(offset);
        String text =
                days == 0 ? "Clock" : Math.abs(days) < 365 ? "%+d days".formatted(days) : "%+d y".formatted(years);
        clock.setText(text);
        clock.getStyleClass().remove("danger");
        if (days != 0) {
            clock.getStyleClass().add("danger");
        }
    }

    // ---- What is shown

    void showInbox(boolean on) {
        showBoard.setSelected(!on);
        showInbox.setSelected(on);
        table.setVisible(!on);
        inbox.setVisible(on);
    }

    void show(LabView.ReplicaView view, VersionVector highest) {
        isShowing = true;
        network.setSelected(view.isSwitchedOn());
        isShowing = false;
        mark.setFill(palette.get().of(view.number()));
        state.setText(!view.isUp() ? "down" : view.isSwitchedOn() ? "online" : "offline");
        state.getStyleClass().remove("danger-text");
        if (!view.isUp() || !view.isSwitchedOn()) {
            state.getStyleClass().add("danger-text");
        }
        process.setText(view.isUp() ? "Crash: kill its process" : "Start its process again");
        showClock(view.clockOffset());
        bars.show(view, highest, lab.names(), palette.get());
        String lacks = view.behind().entrySet().stream()
                .map(entry -> entry.getValue() + " of " + entry.getKey())
                .collect(Collectors.joining(", "));
        lag.setText(lacks.isEmpty() ? "lacks nothing" : "lacks " + lacks);
        lag.setTooltip(new Tooltip("Change sets that others hold and " + replica.name() + " does not.\n" + view.unsent()
                + " of its own have not reached any peer that it asks."));
        inbox.show(view.conflicts());
        int conflicts = view.conflicts().size();
        showInbox.setText(conflicts == 0 ? "Inbox" : "Inbox " + conflicts);
        showProblem(view.problem(), view.isUp());
    }

    private void showProblem(@Nullable String sentence, boolean isUp) {
        boolean shows = !isUp;
        problem.setVisible(shows);
        problem.setText(
                sentence != null
                        ? sentence
                        : replica.name() + " crashed. Its file is as the crash left it; start it again under More.");
        table.setOpacity(shows ? 0.15 : 1);
        inbox.setOpacity(shows ? 0.15 : 1);
        tools.setDisable(shows);
    }

    void apply(BoardFeed.Update update, long nowNanos) {
        table.apply(update, lab.names(), nowNanos);
    }

    void dim(long nowNanos) {
        table.dim(nowNanos);
    }

    BoardTable table() {
        return table;
    }

    LabReplica replica() {
        return replica;
    }
}
