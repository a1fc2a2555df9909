// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.story;

import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Lab;
import io.anabranch.demo.lab.LabClock;
import io.anabranch.demo.lab.Link;
import io.anabranch.demo.lab.Shop;
import io.anabranch.demo.lab.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The five stories of the guided tour. */
public final class Stories {
    private static final int ANN = 0;
    private static final int BOB = 1;
    private static final int CYN = 2;
    private static final int DAN = 3;

    private Stories() {}

    public static List<Story> all() {
        return List.of(titles(), stock(), deletion(), ring(), clock());
    }

    private static Story titles() {
        return new Story(
                1,
                "Two titles",
                3,
                Topology.STAR,
                List.of(
                        step(
                                "Three replicas of one shop, each an SQLite file of its own. They hold the same.",
                                Stories::settled),
                        step(
                                "Ann and Bob lose their network. Their apps go on.",
                                lab -> online(lab, false, ANN, BOB),
                                lab -> !lab.replica(ANN).isOnline()),
                        step(
                                "Ann calls the mug \"Sea-blue mug\". A moment later Bob, who cannot know, calls it \"Navy mug\".",
                                lab -> {
                                    title(lab, ANN, "mug", "Sea-blue mug");
                                    passTime();
                                    title(lab, BOB, "mug", "Navy mug");
                                },
                                lab -> item(lab, ANN, "mug").title().equals("Sea-blue mug")
                                        && item(lab, BOB, "mug").title().equals("Navy mug")),
                        step(
                                "Both are back. The later title stays, on all three, and nobody had to wait for anybody.",
                                lab -> online(lab, true, ANN, BOB),
                                lab -> settled(lab)
                                        && item(lab, CYN, "mug").title().equals("Navy mug")),
                        new Story.Step(
                                "Ann's title is not lost. It lies in the inbox of each replica, to be restored with one click.",
                                lab -> {},
                                lab -> settled(lab) && conflicts(lab, ANN) == 1 && conflicts(lab, CYN) == 1,
                                true)));
    }

    private static Story stock() {
        return new Story(
                2,
                "Stock both sold",
                3,
                Topology.STAR,
                List.of(
                        step("There are 10 desk lamps in stock, and everybody knows.", Stories::settled),
                        step(
                                "Ann and Bob lose their network.",
                                lab -> online(lab, false, ANN, BOB),
                                lab -> !lab.replica(BOB).isOnline()),
                        step(
                                "Ann sells 3 lamps: UPDATE item SET stock = stock - 3. She counts 7.",
                                lab -> lab.board(ANN).addStock("lamp", -3),
                                lab -> item(lab, ANN, "lamp").stock() == 7),
                        step(
                                "Bob sells 2 in the same way, and counts 8.",
                                lab -> lab.board(BOB).addStock("lamp", -2),
                                lab -> item(lab, BOB, "lamp").stock() == 8),
                        step(
                                "Both are back: 10 - 3 - 2 = 5 on every replica. The column's rule is \"counter\"; both sales count.",
                                lab -> online(lab, true, ANN, BOB),
                                lab -> settled(lab) && item(lab, CYN, "lamp").stock() == 5)));
    }

    private static Story deletion() {
        return new Story(
                3,
                "Delete or edit",
                3,
                Topology.ALL,
                List.of(
                        step("All-to-all: each pair of replicas has a link, and there is no relay.", Stories::settled),
                        step(
                                "Bob is offline.",
                                lab -> online(lab, false, BOB),
                                lab -> !lab.replica(BOB).isOnline()),
                        step(
                                "Ann deletes the green tea. Cyn sees it go.",
                                lab -> lab.board(ANN).delete("tea"),
                                lab -> lab.board(CYN).find("tea") == null),
                        step(
                                "Bob, who does not know, buys 20 more of it and likes it.",
                                lab -> {
                                    lab.board(BOB).addStock("tea", 20);
                                    lab.board(BOB).like("tea");
                                },
                                lab -> item(lab, BOB, "tea").likes() == 1),
                        step(
                                "Bob is back. His edit had not seen the delete, so the tea is there again, whole: stock 60, one like.",
                                lab -> online(lab, true, BOB),
                                lab -> settled(lab) && item(lab, ANN, "tea").stock() == 60)));
    }

    private static Story ring() {
        return new Story(
                4,
                "Broken ring",
                4,
                Topology.RING,
                List.of(
                        step(
                                "Four replicas in a ring. Each asks the next, and the last asks the first.",
                                Stories::settled),
                        step(
                                "The link between Ann and Bob breaks.",
                                lab -> link(lab).on(false),
                                lab -> !link(lab).isOpen()),
                        step(
                                "Ann puts the pen at 15. It cannot go to Bob, so it goes the other way round: Dan, Cyn, Bob.",
                                lab -> lab.board(ANN).set("pen", Item.Column.PRICE, "15"),
                                lab -> item(lab, BOB, "pen").prices().equals(List.of("15"))),
                        step(
                                "Bob fills the cart, and that comes back the same way.",
                                lab -> lab.board(BOB).putInCart("pen", "Bob"),
                                lab -> item(lab, ANN, "pen").cart().equals("Bob 1")),
                        step(
                                "The link is mended. Nothing is sent twice: version vectors say what the other lacks, and that is nothing.",
                                lab -> link(lab).on(true),
                                lab -> settled(lab)
                                        && item(lab, DAN, "pen").cart().equals("Bob 1"))));
    }

    private static Story clock() {
        return new Story(
                5,
                "Wrong clock",
                3,
                Topology.STAR,
                List.of(
                        step("Cyn has the app on a phone. All clocks are right.", Stories::settled),
                        step(
                                "On a journey, without network, the phone comes to believe that it is ten years later.",
                                lab -> {
                                    online(lab, false, CYN);
                                    lab.replica(CYN).clock().dial(Duration.ofDays(365L * LabClock.MOST_YEARS));
                                },
                                lab -> !lab.replica(CYN).isOnline()),
                        step(
                                "Cyn calls the lamp \"Lamp of the future\", and comes back. For ten years no honest clock beats that stamp.",
                                lab -> {
                                    title(lab, CYN, "lamp", "Lamp of the future");
                                    online(lab, true, CYN);
                                },
                                lab -> settled(lab)
                                        && item(lab, ANN, "lamp").title().equals("Lamp of the future")),
                        step(
                                "Ann, whose clock is right, has seen that title and calls it \"Brass lamp\".",
                                lab -> title(lab, ANN, "lamp", "Brass lamp"),
                                lab -> item(lab, ANN, "lamp").title().equals("Brass lamp")),
                        step(
                                "\"Brass lamp\" stays, everywhere: who has seen a value beats it. Clocks decide only between writes apart.",
                                lab -> settled(lab)
                                        && item(lab, CYN, "lamp").title().equals("Brass lamp"))));
    }

    // ---- Telling

    private static Story.Step step(String caption, Predicate<Lab> until) {
        return new Story.Step(caption, lab -> {}, until, false);
    }

    private static Story.Step step(String caption, Consumer<Lab> act, Predicate<Lab> until) {
        return new Story.Step(caption, act, until, false);
    }

    private static boolean settled(Lab lab) {
        return lab.look().settlement().isSettled();
    }

    private static int conflicts(Lab lab, int replica) {
        return lab.replica(replica)
                .use(process -> process.conflicts(Shop.TABLE))
                .size();
    }

    private static void online(Lab lab, boolean on, int... replicas) {
        for (int index : replicas) {
            lab.online(lab.replica(index), on);
        }
    }

    private static void title(Lab lab, int replica, String id, String title) {
        lab.board(replica).set(id, Item.Column.TITLE, title);
    }

    /** Lets both clocks tick, so that "later" is no matter of luck. */
    private static void passTime() {
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() - now < 2) {
            Thread.onSpinWait();
        }
    }

    private static Item item(Lab lab, int replica, String id) {
        Item item = lab.board(replica).find(id);
        return item != null ? item : new Item(id, "", 0, 0, List.of(), List.of(""), "", null);
    }

    private static Link link(Lab lab) {
        return Objects.requireNonNull(lab.link(new Topology.Pair("Ann", "Bob")), "Ann and Bob are linked");
    }
}
