// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Who has whom as a peer. A link leads from who asks to who answers; change sets cross it both ways. */
public enum Topology {
    /** Each asks the next, the last the first. */
    RING,
    /** All ask one hub: the relay, or the first replica where there is none. */
    STAR,
    /** All ask all. */
    MESH,
    /** Each asks its parent; the root is the relay, or the first replica. */
    TREE,
    /** A random tree and half as many links again. */
    RANDOM,
    /** As {@link #RANDOM}; links come and go. */
    CHANGING;

    /** Returns the links of {@code nodes} nodes, by number. Those from {@code replicas} on are relays, which never ask. */
    List<Link> links(int replicas, int nodes, Random random) {
        List<Link> links = new ArrayList<>();
        int hub = nodes > replicas ? replicas : 0;
        switch (this) {
            case RING -> {
                for (int i = 0; i < replicas; i++) {
                    add(links, i, (i + 1) % nodes, replicas);
                }
                for (int relay = replicas; relay < nodes; relay++) {
                    add(links, 0, relay, replicas);
                }
            }
            case STAR -> {
                int end = hub == 0 ? 1 : nodes;
                for (int i = 0; i < replicas; i++) {
                    for (int relay = hub; relay < end; relay++) {
                        add(links, i, relay, replicas);
                    }
                }
            }
            case MESH -> {
                for (int i = 0; i < nodes; i++) {
                    for (int j = 0; j < nodes; j++) {
                        add(links, i, j, replicas);
                    }
                }
            }
            case TREE -> {
                for (int i = hub == 0 ? 1 : 0; i < replicas; i++) {
                    add(links, i, parent(i, hub), replicas);
                }
            }
            case RANDOM, CHANGING -> addRandom(links, replicas, nodes, random);
        }
        return links;
    }

    private static int parent(int i, int hub) {
        if (hub == 0) {
            return (i - 1) / 2;
        }
        return i < 2 ? hub : (i - 2) / 2;
    }

    private static void addRandom(List<Link> links, int replicas, int nodes, Random random) {
        for (int i = 1; i < nodes; i++) {
            add(links, i, random.nextInt(Math.min(i, replicas)), replicas);
        }
        for (int extra = 0; extra < nodes / 2; extra++) {
            add(links, random.nextInt(nodes), random.nextInt(nodes), replicas);
        }
    }

    /** Turns round a link that would begin at a relay, and leaves out what is there. */
    private static void add(List<Link> links, int from, int to, int replicas) {
        Link link = from < replicas ? new Link(from, to) : new Link(to, from);
        if (from != to && link.from < replicas && !links.contains(link)) {
            links.add(link);
        }
    }

    /** Returns the topology called {@code name} on the command line. */
    public static Topology of(String name) {
        for (Topology topology : values()) {
            if (topology.toString().equals(name)) {
                return topology;
            }
        }
        throw new IllegalArgumentException(
                "there is no topology '" + name + "': it is ring, star, mesh, tree, random or changing");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** From who asks to who answers, by number. */
    record Link(int from, int to) {}
}
