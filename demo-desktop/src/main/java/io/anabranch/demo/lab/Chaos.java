// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * Ten seconds of random edits and faults. A seed gives the same acts at the same moments each time; how they interleave with
 * messages under way is left to the machine. Confined to one thread.
 */
public final class Chaos {
    public static final Duration LENGTH = Duration.ofSeconds(10);

    private static final int ACTS = 150;
    private static final List<String> WORDS =
            List.of("Red", "Tall", "Old", "Quiet", "Round", "Warm", "Plain", "Fine", "Small", "Odd");

    private Chaos() {}

    /** Something that is done to a lab at a moment. */
    public record Act(long atMillis, Kind kind, int who, int what, int amount) {
        /** Does it. What cannot be done, because its replica is down, is left out. */
        void run(Lab lab) {
            List<LabReplica> replicas = lab.replicas();
            if (replicas.isEmpty()) {
                return;
            }
            LabReplica replica = replicas.get(who % replicas.size());
            try {
                kind.act(lab, replica, this);
            } catch (ReplicaDown | Board.BadInput e) {
                return; // Nobody is there to do it.
            }
        }
    }

    /** Returns what a seed says, in order of time. */
    public static List<Act> plan(long seed) {
        Random random = new Random(seed);
        List<Act> acts = new ArrayList<>();
        for (int i = 0; i < ACTS; i++) {
            long at = LENGTH.toMillis() * i / ACTS;
            Kind kind = Kind.draw(random.nextInt(100));
            acts.add(new Act(at, kind, random.nextInt(1 << 20), random.nextInt(1 << 20), random.nextInt(1 << 20)));
        }
        return acts;
    }

    /**
     * Does what a seed says, and returns once that is over.
     *
     * @param pace how many times slower than planned; 1 takes ten seconds
     * @param cancelled asked between acts
     */
    public static void run(Lab lab, long seed, double pace, BooleanSupplier cancelled) throws InterruptedException {
        long began = System.nanoTime();
        for (Act act : plan(seed)) {
            long due = began + (long) (act.atMillis() * 1e6 * pace);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                if (cancelled.getAsBoolean()) {
                    return;
                }
                Thread.sleep(Math.min(50, 1 + left / 1_000_000));
            }
            if (cancelled.getAsBoolean()) {
                return;
            }
            act.run(lab);
        }
    }

    /** What can be done, edits first. */
    public enum Kind {
        TITLE(18) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onItem(
                        lab,
                        replica,
                        act,
                        (board, item) -> board.set(
                                item.id(),
                                Item.Column.TITLE,
                                WORDS.get(act.amount() % WORDS.size()) + " "
                                        + item.title().replaceAll("^.* ", "")));
            }
        },
        STOCK(18) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onItem(lab, replica, act, (board, item) -> board.addStock(item.id(), act.amount() % 7 - 3));
            }
        },
        LIKE(10) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onItem(lab, replica, act, (board, item) -> board.like(item.id()));
            }
        },
        TAG(8) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                String tag = WORDS.get(act.amount() % WORDS.size()).toLowerCase(java.util.Locale.ROOT);
                onItem(lab, replica, act, (board, item) -> {
                    List<String> tags = new ArrayList<>(item.tags());
                    if (!tags.remove(tag)) {
                        tags.add(tag);
                    }
                    board.set(item.id(), Item.Column.TAGS, String.join(",", tags));
                });
            }
        },
        PRICE(7) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onItem(
                        lab,
                        replica,
                        act,
                        (board, item) ->
                                board.set(item.id(), Item.Column.PRICE, Integer.toString(1 + act.amount() % 60)));
            }
        },
        CART(7) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onItem(lab, replica, act, (board, item) -> board.putInCart(item.id(), replica.name()));
            }
        },
        ADD(5) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                lab.board(replica).add(WORDS.get(act.amount() % WORDS.size()) + " chair", act.what() % 20, 12);
            }
        },
        DELETE(4) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onItem(lab, replica, act, (board, item) -> board.delete(item.id()));
            }
        },
        MOVE(5) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onItem(lab, replica, act, (board, item) -> board.move(item.id(), act.amount() % 2 == 0));
            }
        },
        UNDO(3) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                lab.board(replica).undo();
            }
        },
        CUT(4) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onLink(lab, act, link -> link.on(!link.isOn()));
            }
        },
        OFFLINE(4) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                lab.online(replica, !replica.isSwitchedOn());
            }
        },
        LATENCY(2) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onLink(lab, act, link -> link.latencyMillis(act.amount() % 300));
            }
        },
        LOSS(2) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                onLink(lab, act, link -> link.lossPercent(act.amount() % 60));
            }
        },
        CRASH(2) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                if (replica.isUp()) {
                    lab.crash(replica);
                } else {
                    lab.restart(replica);
                }
            }
        },
        CLOCK(1) {
            @Override
            void act(Lab lab, LabReplica replica, Act act) {
                replica.clock()
                        .dial(Duration.ofDays(
                                act.amount() % (2L * 365 * LabClock.MOST_YEARS) - 365L * LabClock.MOST_YEARS));
            }
        };

        private final int weight;

        /** @param weight how many of a hundred acts are of this kind */
        Kind(int weight) {
            this.weight = weight;
        }

        abstract void act(Lab lab, LabReplica replica, Act act);

        /** @param percent from 0 to 99 */
        static Kind draw(int percent) {
            int left = percent;
            for (Kind kind : values()) {
                left -= kind.weight;
                if (left < 0) {
                    return kind;
                }
            }
            throw new AssertionError("weights add up to 100, and this was " + percent);
        }

        private interface OnItem {
            void act(Board board, Item item);
        }

        private static void onItem(Lab lab, LabReplica replica, Act act, OnItem work) {
            Board board = lab.board(replica);
            List<Item> items = board.items();
            if (!items.isEmpty()) {
                work.act(board, items.get(act.what() % items.size()));
            }
        }

        private interface OnLink {
            void act(Link link);
        }

        private static void onLink(Lab lab, Act act, OnLink work) {
            List<Link> links = lab.links();
            if (!links.isEmpty()) {
                work.act(links.get(act.what() % links.size()));
            }
        }
    }
}
