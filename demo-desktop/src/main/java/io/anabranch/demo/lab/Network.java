// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The relay, and the links as a topology asks for them or as somebody made them by hand. Thread-safe. */
final class Network implements AutoCloseable {
    private final LabRelay relay;
    private final Consumer<Message> messages;
    private final Runnable news;
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private volatile Topology topology = Topology.STAR;

    /**
     * @param messages hears of messages as they are sent
     * @param news is run when there may be something new to look at
     */
    Network(LabRelay relay, Consumer<Message> messages, Runnable news) {
        this.relay = relay;
        this.messages = messages;
        this.news = news;
    }

    LabRelay relay() {
        return relay;
    }

    Topology topology() {
        return topology;
    }

    List<Link> links() {
        return List.copyOf(links);
    }

    /** Returns the link between two parties, whoever asks; null if there is none. */
    @Nullable
    Link link(Topology.Pair pair) {
        for (Link link : links) {
            if (link.pair().joins(pair)) {
                return link;
            }
        }
        return null;
    }

    // ---- Changing it

    /** Replaces all links. */
    synchronized void shape(Topology next, List<LabReplica> replicas) {
        disconnect(link -> true);
        topology = next;
        relink(replicas);
    }

    /** Makes the links that the topology asks for and are not there; ends those that it does not. */
    synchronized void relink(List<LabReplica> replicas) {
        if (topology != Topology.OWN) {
            List<Topology.Pair> wanted =
                    topology.links(replicas.stream().map(LabReplica::name).toList());
            disconnect(link -> !wanted.contains(link.pair()));
            for (Topology.Pair pair : wanted) {
                if (link(pair) == null) {
                    connect(party(pair.asker(), replicas), party(pair.answerer(), replicas));
                }
            }
        }
        if (topology == Topology.STAR) {
            startRelay();
        }
        news.run();
    }

    /** Links two parties by hand, unless they are linked; the topology is one's own from then on. */
    synchronized void link(String one, String other, List<LabReplica> replicas) {
        Topology.Pair pair = new Topology.Pair(one, other);
        if (one.equals(other)) {
            return;
        }
        topology = Topology.OWN;
        if (link(pair) == null) {
            connect(party(one, replicas), party(other, replicas));
        }
        if (one.equals(LabRelay.NAME) || other.equals(LabRelay.NAME)) {
            startRelay();
        }
        news.run();
    }

    /** Starts the relay, and lets those who ask it know. */
    void startRelay() {
        relay.start();
        linksOf(relay).forEach(Link::hurry);
    }

    private Party party(String name, List<LabReplica> replicas) {
        for (LabReplica replica : replicas) {
            if (replica.name().equals(name)) {
                return replica;
            }
        }
        if (name.equals(LabRelay.NAME)) {
            return relay;
        }
        throw new Board.BadInput(name + " is not in the lab any more.");
    }

    /** The relay is asked and asks nobody. */
    private void connect(Party one, Party other) {
        boolean asks = one instanceof LabReplica;
        LabReplica asker = (LabReplica) (asks ? one : other);
        Link link = new Link(asker, asks ? other : one, messages, this::moved);
        links.add(link);
        link.start();
    }

    /** Ends the links of one that goes. */
    synchronized void forget(LabReplica replica) {
        disconnect(link -> link.touches(replica));
    }

    private void disconnect(Predicate<Link> which) {
        List<Link> ended = new ArrayList<>(links);
        ended.removeIf(which.negate());
        links.removeAll(ended);
        ended.forEach(Link::close);
    }

    /** Switches every link on, sets their dials to nothing, and starts the relay if it is wanted. */
    void heal() {
        if (topology == Topology.STAR || relay.problem() != null) {
            startRelay();
        }
        for (Link link : links) {
            link.latencyMillis(0);
            link.lossPercent(0);
            link.on(true);
        }
    }

    // ---- News

    /** Rows changed at a replica: those who are linked with it may want to know, as a relay's listeners are told. */
    void changed(LabReplica replica) {
        linksOf(replica).forEach(Link::nudge);
        news.run();
    }

    /** A replica was started, or switched on or off. */
    void switched(LabReplica replica) {
        linksOf(replica).forEach(Link::hurry);
        news.run();
    }

    private List<Link> linksOf(Party party) {
        return links.stream().filter(link -> link.touches(party)).toList();
    }

    /** What came over one link may go on over others. */
    private void moved(Link over) {
        for (Link link : links) {
            if (link != over && (link.touches(over.asker()) || link.touches(over.answerer()))) {
                link.nudge();
            }
        }
        news.run();
    }

    @Override
    public void close() {
        disconnect(link -> true);
        relay.close();
    }
}
