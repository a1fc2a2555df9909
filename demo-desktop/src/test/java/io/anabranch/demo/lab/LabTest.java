// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.Resolution;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The lab without its window. */
class LabTest {
    private final Lab lab = Lab.temporary();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        lab.close();
    }

    private Item item(int replica, String id) {
        return Objects.requireNonNull(lab.board(replica).find(id), id);
    }

    @ParameterizedTest
    @EnumSource(
            value = Topology.class,
            names = {"STAR", "RING", "ALL"})
    void whatIsWrittenOfflineMergesWhateverTheTopology(Topology topology) {
        lab.begin(3, topology);
        Waiting.untilSettled(lab);
        lab.replicas().forEach(replica -> lab.online(replica, false));
        lab.board(0).addStock("lamp", -3);
        lab.board(1).addStock("lamp", -2);
        lab.board(0).set("lamp", Item.Column.TAGS, "light, new, brass");
        lab.board(1).set("lamp", Item.Column.TAGS, "light");
        lab.board(0).putInCart("lamp", "Ann");
        lab.board(2).putInCart("lamp", "Cyn");
        lab.board(2).like("lamp");
        lab.replicas().forEach(replica -> lab.online(replica, true));
        Waiting.untilSettled(lab);
        Item merged = item(2, "lamp");
        assertThat(merged.stock()).isEqualTo(5);
        assertThat(merged.likes()).isEqualTo(1);
        assertThat(merged.tags()).containsExactly("brass", "light");
        assertThat(merged.cart()).isEqualTo("Ann 1, Cyn 1");
        assertThat(item(0, "lamp")).isEqualTo(merged);
    }

    @Test
    void linksOfOnesOwnCarryToo() {
        lab.begin(3, Topology.OWN);
        assertThat(lab.links()).isEmpty();
        lab.link("Ann", "Bob");
        lab.link("Cyn", "Bob");
        lab.link("Bob", "Cyn"); // Is there already.
        assertThat(lab.links()).hasSize(2);
        Waiting.untilSettled(lab);
        assertThat(item(2, "mug").title()).isEqualTo("Blue mug");
    }

    @Test
    void aSlowAndBadLinkStillCarriesEverything() {
        lab.begin(2, Topology.STAR);
        for (Link link : lab.links()) {
            link.latencyMillis(30);
            link.lossPercent(40);
        }
        lab.board(0).addStock("mug", 1);
        lab.board(1).like("pen");
        Waiting.untilSettled(lab);
        assertThat(item(1, "mug").stock()).isEqualTo(25);
    }

    @Test
    void aRelayThatDiesHoldsNobodyUpAndComesBack() {
        lab.begin(2, Topology.STAR);
        Waiting.untilSettled(lab);
        lab.stopRelay();
        lab.board(0).set("mug", Item.Column.TITLE, "Green mug");
        assertThat(item(0, "mug").title()).isEqualTo("Green mug");
        assertThat(lab.look().isRelayUp()).isFalse();
        assertThat(lab.look().relayProblem()).startsWith("The relay is down.");
        assertThat(lab.look().settlement().isSettled()).isFalse();
        lab.heal();
        Waiting.untilSettled(lab);
        assertThat(item(1, "mug").title()).isEqualTo("Green mug");
    }

    @Test
    void aCrashedReplicaIsRecoveredWithAllThatWasCommitted() {
        lab.begin(3, Topology.ALL);
        Waiting.untilSettled(lab);
        LabReplica cyn = lab.replica(2);
        for (int i = 0; i < 5; i++) {
            lab.board(2).addStock("pen", 1);
            lab.board(0).addStock("pen", 1);
            lab.crash(cyn);
            assertThat(cyn.isUp()).isFalse();
            assertThatThrownBy(() -> lab.board(2).items())
                    .isInstanceOf(ReplicaDown.class)
                    .hasMessageContaining("Cyn is down");
            lab.restart(cyn);
            assertThat(cyn.problem()).isNull();
        }
        Waiting.untilSettled(lab);
        assertThat(item(2, "pen").stock()).isEqualTo(17);
    }

    @Test
    void aCloneWritesUnderANameOfItsOwn() {
        lab.begin(2, Topology.STAR);
        Waiting.untilSettled(lab);
        LabReplica copy = Objects.requireNonNull(lab.clone(lab.replica(0)));
        assertThat(copy.name()).isEqualTo("Cyn");
        lab.board(2).addStock("tea", 5);
        lab.board(0).addStock("tea", 1);
        Waiting.untilSettled(lab);
        Set<Object> origins = new HashSet<>();
        lab.replicas().forEach(replica -> origins.add(replica.origin()));
        assertThat(origins).hasSize(3);
        assertThat(item(1, "tea").stock()).isEqualTo(46);
    }

    @Test
    void sixReplicasAreAllThereIsRoomFor() {
        lab.begin(2, Topology.RING);
        while (lab.add() != null) {
            assertThat(lab.replicas().size()).isLessThanOrEqualTo(Lab.MOST_REPLICAS);
        }
        assertThat(lab.replicas()).hasSize(6);
        assertThat(lab.clone(lab.replica(0))).isNull();
        Waiting.untilSettled(lab);
        lab.remove(lab.replica(3));
        assertThat(lab.links()).hasSize(5);
        lab.board(2).like("mug");
        Waiting.untilSettled(lab);
        assertThat(item(3, "mug").likes()).isEqualTo(1);
    }

    @Test
    void aValueThatLostIsInTheInboxAndCanBeRestored() {
        lab.begin(2, Topology.STAR);
        Waiting.untilSettled(lab);
        lab.replicas().forEach(replica -> lab.online(replica, false));
        lab.replica(1).clock().dial(Duration.ofDays(400));
        lab.board(0).set("mug", Item.Column.TITLE, "Sea-blue mug");
        lab.board(1).set("mug", Item.Column.TITLE, "Navy mug");
        lab.replicas().forEach(replica -> lab.online(replica, true));
        Waiting.untilSettled(lab);
        assertThat(item(0, "mug").title()).isEqualTo("Navy mug");
        LabReplica ann = lab.replica(0);
        ann.use(replica -> replica.resolve(replica.conflicts(Shop.TABLE).get(0).id(), Resolution.keepOther()));
        Waiting.untilSettled(lab);
        assertThat(item(1, "mug").title()).isEqualTo("Sea-blue mug");
        assertThat(lab.look().replicas())
                .allMatch(replica -> replica.conflicts().isEmpty());
    }

    @Test
    void whoComesLaterSeesAllConcurrentPricesToo() {
        lab.begin(2, Topology.STAR);
        Waiting.untilSettled(lab);
        lab.replicas().forEach(replica -> lab.online(replica, false));
        lab.board(0).set("mug", Item.Column.PRICE, "7");
        lab.board(1).set("mug", Item.Column.PRICE, "8");
        lab.replicas().forEach(replica -> lab.online(replica, true));
        LabReplica cyn = Objects.requireNonNull(lab.add());
        Waiting.untilSettled(lab);
        lab.lookAgain(cyn); // As after a start: all of it is read.
        List<Item> shown = Objects.requireNonNull(lab.look(cyn)).items();
        assertThat(shown.get(1).prices()).containsExactlyInAnyOrder("7", "8");
    }

    @Test
    void undoTakesBackOnesOwnActsAndNothingElse() {
        lab.begin(2, Topology.STAR);
        Waiting.untilSettled(lab);
        Board ann = lab.board(0);
        List<Item> before = ann.items();
        ann.addStock("lamp", -3);
        ann.set("mug", Item.Column.TITLE, "Mug");
        ann.move("pen", true);
        ann.set("tea", Item.Column.TAGS, "green");
        ann.set("tea", Item.Column.PRICE, "9.5");
        ann.delete("lamp");
        ann.add("Shelf", 1, 2);
        assertThat(ann.items()).isNotEqualTo(before);
        lab.board(1).like("mug");
        Waiting.untilSettled(lab);
        for (int acts = 7; acts > 0; acts--) {
            ann.undo();
        }
        assertThat(ann.undoable()).isEqualTo("adding Fountain pen");
        Waiting.untilSettled(lab);
        assertThat(item(1, "mug").likes()).isEqualTo(1);
        assertThat(ann.items())
                .extracting(Item::title)
                .containsExactly("Desk lamp", "Blue mug", "Green tea", "Fountain pen");
        assertThat(item(1, "lamp").stock()).isEqualTo(10);
        assertThat(item(1, "tea").tags()).containsExactly("organic");
    }

    @Test
    void whatAColumnCannotTakeIsSaidInASentence() {
        lab.begin(1, Topology.STAR);
        Board ann = lab.board(0);
        ann.like("mug");
        assertThatThrownBy(() -> ann.set("mug", Item.Column.STOCK, "many"))
                .isInstanceOf(Board.BadInput.class)
                .hasMessage("The stock must be a whole number; \"many\" is none.");
        assertThatThrownBy(() -> ann.set("mug", Item.Column.LIKES, "0"))
                .hasMessage("Likes only rise: they stand at 1.");
        assertThatThrownBy(() -> ann.set("mug", Item.Column.PRICE, "dear"))
                .hasMessage("A price is a number such as 4.50; \"dear\" is none.");
        assertThat(item(0, "mug").stock()).isEqualTo(24);
    }

    @Test
    void whatIsCancelledLeavesNothing() {
        lab.begin(1, Topology.STAR);
        Progress cancelled = new Progress();
        cancelled.cancel();
        assertThatThrownBy(() -> lab.board(0).addMany(100, cancelled)).isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> lab.begin(3, Topology.STAR, cancelled)).isInstanceOf(CancellationException.class);
        assertThat(lab.board(0).items()).hasSize(4);
        assertThat(lab.replicas()).hasSize(1);
    }

    @Test
    void aValueIsExplainedInWords() {
        lab.begin(2, Topology.STAR);
        Waiting.untilSettled(lab);
        lab.board(1).addStock("lamp", -2);
        Waiting.untilSettled(lab);
        List<String> lines = Explain.value(lab.replica(0), lab.names(), "lamp", Item.Column.STOCK);
        assertThat(lines).contains("Ann has counted 10 in all.", "Bob has counted -2 in all.");
    }

    @Test
    void theTimeLineIsACausalGraph() {
        lab.begin(2, Topology.STAR);
        Waiting.untilSettled(lab);
        lab.board(1).like("mug");
        Waiting.untilSettled(lab);
        List<Timeline.Event> events = lab.timeline().events();
        Timeline.Event last = events.get(events.size() - 1);
        assertThat(lab.names().of(last.dot().origin())).isEqualTo("Bob");
        assertThat(last.context()).isNotEmpty();
        for (Timeline.Event event : events) {
            event.parents()
                    .forEach(parent -> assertThat(
                                    Objects.requireNonNull(lab.timeline().find(parent))
                                            .column())
                            .isLessThan(event.column()));
        }
        assertThat(Operations.of(lab, last.dot())).containsExactly("edit Blue mug: likes + 1");
    }

    @Test
    void aReplicaThatWasRemovedIsNotStartedAgain() {
        lab.begin(2, Topology.STAR);
        LabReplica bob = lab.replica(1);
        lab.remove(bob);
        lab.restart(bob);
        assertThat(bob.isUp()).isFalse();
        assertThat(bob.file()).doesNotExist();
        assertThatThrownBy(() -> lab.board(bob))
                .isInstanceOf(ReplicaDown.class)
                .hasMessage("Bob is not in the lab any more.");
    }

    @Test
    void aLabThatIsClosedStartsNothing() {
        lab.begin(2, Topology.RING);
        LabReplica bob = lab.replica(1);
        lab.close();
        lab.shape(Topology.STAR);
        lab.link("Ann", LabRelay.NAME);
        lab.startRelay();
        lab.restart(bob);
        lab.heal();
        assertThat(lab.add()).isNull();
        assertThat(lab.relay().isUp()).isFalse();
        assertThat(bob.isUp()).isFalse();
        assertThat(lab.links()).isEmpty();
    }

    @Test
    void aReplicaIsKilledAndStartedByTwoAtOnce() throws InterruptedException {
        lab.begin(2, Topology.ALL);
        LabReplica ann = lab.replica(0);
        Thread killer = new Thread(() -> {
            for (int i = 0; i < 15; i++) {
                lab.crash(ann);
            }
        });
        killer.start();
        for (int i = 0; i < 15; i++) {
            lab.restart(ann);
        }
        killer.join();
        lab.restart(ann);
        assertThat(ann.problem()).isNull();
        lab.board(ann).like("mug");
        Waiting.untilSettled(lab);
        assertThat(item(1, "mug").likes()).isEqualTo(1);
    }

    // ---- Bad input

    @Test
    void neighboursOfOnePositionAreASentence() {
        lab.begin(1, Topology.STAR);
        lab.replica(0).use(replica -> {
            replica.execute("UPDATE item SET pos = (SELECT pos FROM item WHERE id = 'lamp') WHERE id = 'mug'");
            return true;
        });
        assertThatThrownBy(() -> lab.board(0).moveBefore("pen", "mug"))
                .isInstanceOf(Board.BadInput.class)
                .hasMessage("There is no place between these two: another program gave them one and the same.");
        lab.board(0).moveToTop("pen");
        assertThat(lab.board(0).items()).extracting(Item::id).containsExactly("pen", "lamp", "mug", "tea");
    }

    @Test
    void aFileOfAnotherVersionIsASentenceAndTheOthersGoOn() throws SQLException {
        try (Lab first = Lab.open(folder, 0)) {
            first.begin(3, Topology.STAR);
            Waiting.untilSettled(first);
        }
        try (Connection file = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("bob.db"));
                Statement statement = file.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE _ab_meta SET value = 999 WHERE name = 'format'"))
                    .isEqualTo(1);
        }
        try (Lab again = Lab.open(folder, 0)) {
            again.begin(3, Topology.STAR);
            LabReplica bob = Objects.requireNonNull(again.find("Bob"));
            assertThat(bob.isUp()).isFalse();
            assertThat(bob.problem()).contains("bob.db");
            again.board(0).like("mug");
            Waiting.until(
                    () -> Objects.requireNonNull(again.board(2).find("mug")).likes() == 1,
                    () -> again.look().toString());
        }
    }

    @Test
    void aDamagedFileIsASentenceAndTheOthersGoOn() throws IOException {
        try (Lab first = Lab.open(folder, 0)) {
            first.begin(3, Topology.STAR);
            Waiting.untilSettled(first);
            first.crash(first.replica(1)); // So that a log lies beside the file.
        }
        Path file = folder.resolve("bob.db");
        byte[] noise = new byte[(int) Files.size(file)];
        new Random(1).nextBytes(noise);
        Files.write(file, noise);
        try (Lab again = Lab.open(folder, 0)) {
            again.begin(3, Topology.STAR);
            LabReplica bob = Objects.requireNonNull(again.find("Bob"));
            assertThat(bob.isUp()).isFalse();
            assertThat(bob.problem()).startsWith("Bob does not run: ").contains("bob.db: it is damaged");
            assertThat(again.board(0).items()).hasSize(4);
        }
    }

    @Test
    void aPortInUseIsASentenceAndOtherTopologiesWork() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Lab other = Lab.temporary(taken.getLocalPort())) {
            other.begin(2, Topology.STAR);
            assertThat(other.look().relayProblem()).startsWith("The relay does not run: it cannot listen on");
            other.shape(Topology.RING);
            assertThat(other.look().relayProblem()).isNull();
            Waiting.untilSettled(other);
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsASentence() throws IOException {
        Path file = Files.write(folder.resolve("file"), "x".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Lab.open(file.resolve("lab"), 0))
                .isInstanceOf(Folders.FolderException.class)
                .hasMessageContaining("Choose another folder with --data.");
    }
}
